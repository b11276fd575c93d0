#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages: built of this build, then installed, upgraded and removed by dpkg.

That happens in a root directory of the test's own, with the few programs that the scripts of the packages
call, so that the machine stays as it is. No systemd runs there: what is looked at is what its helpers note.
"""

import glob
import os
import re
import shutil
import stat
import subprocess

import weirtest

# Whole packages that the scripts need, and single programs of others.
PACKAGES = ("dash", "coreutils", "perl-base", "init-system-helpers", "dpkg", "grep")
PROGRAMS = ("/usr/bin/systemd-sysusers", "/usr/bin/systemd-tmpfiles")
SOURCES = ("debian", "config", "docs", "README.rst", "NEWS.rst", "meson.build",
           "LICENSE")
WANTS = "etc/systemd/system/multi-user.target.wants/weir.service"


def libraries(program):
    """What a program is linked with, as paths."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return re.findall(r"(/\S+) \(0x", done.stdout)


class Root:
    """A root directory with little in it, and a database of dpkg that knows what we depend on."""

    def __init__(self, path, depends):
        self.path = path
        for name in ("bin", "sbin", "lib", "lib64"):
            os.makedirs(os.path.join(path, "usr", name))
            os.symlink("usr/" + name, os.path.join(path, name))
        for name in ("etc", "run", "tmp", "proc", "dev", "var/log", "var/lib/dpkg/info",
                     "var/lib/dpkg/updates", "var/lib/dpkg/triggers", "etc/dpkg/dpkg.cfg.d"):
            os.makedirs(os.path.join(path, name), exist_ok=True)
        for package in PACKAGES:
            for name in weirtest.sh("dpkg", "-L", package).split("\n"):
                self.copy(name)
        for name in PROGRAMS:
            self.copy(name)
        for name, text in (("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
                           ("etc/group", "root:x:0:\n"), ("etc/shadow", ""), ("etc/gshadow", ""),
                           ("dev/null", ""),  # a file will do, for what nobody reads
                           ("var/lib/dpkg/status", self.known(depends))):
            with open(os.path.join(path, name), "w", encoding="utf-8") as f:
                f.write(text)

    def copy(self, name):
        there = os.path.realpath(name)
        if "/share/" in name or not os.path.isfile(there):
            return
        here = self.path + os.path.join(os.path.realpath(os.path.dirname(name)),
                                        os.path.basename(name))
        if os.path.exists(here):
            return
        os.makedirs(os.path.dirname(here), exist_ok=True)
        shutil.copy(there, here)
        if os.access(there, os.X_OK) or ".so" in name:
            for library in libraries(there):
                self.copy(library)

    @staticmethod
    def known(depends):
        """Entries of dpkg's database for what this machine has of these."""
        form = ("Package: ${Package}\\nStatus: ${Status}\\nMaintainer: none\\n"
                "Architecture: ${Architecture}\\nMulti-Arch: ${Multi-Arch}\\n"
                "Version: ${Version}\\nDescription: here\\n\\n")
        text = weirtest.sh("dpkg-query", "-W", "-f", form, *depends, check=False)
        return "".join(entry.replace("Multi-Arch: \n", "") + "\n\n" for entry in text.split("\n\n")
                       if "ok installed" in entry)

    def dpkg(self, *args):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH":
                       "/usr/sbin:/usr/bin:/sbin:/bin"}
        done = subprocess.run(["dpkg", "--root=" + self.path, *args], env=environment, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"dpkg {args}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def run(self, *command):
        return weirtest.sh("chroot", self.path, *command)

    def file(self, name):
        return os.path.join(self.path, name)

    def read(self, name):
        with open(self.file(name), encoding="utf-8") as f:
            return f.read()

    def files(self):
        """All there is, but for dpkg's own notes and the users, who stay."""
        found = set()
        for folder, names, files in os.walk(self.path):
            for name in names + files:
                path = os.path.relpath(os.path.join(folder, name), self.path)
                if not re.match(r"var/(lib/dpkg|log|cache)(/|$)|dev/null|etc/(passwd|group|shadow|gshadow)",
                                path):
                    found.add(path)
        return found


class Package(weirtest.Case):

    def build(self):
        """The packages, made of the programs of this build. {name: path}"""
        weirtest.need_program("dpkg-buildpackage", "dh")
        tree = os.path.join(self.folder, "weir")
        os.mkdir(tree)
        for name in SOURCES:
            here = os.path.join(weirtest.SOURCE, name)
            if os.path.isdir(here):
                shutil.copytree(here, os.path.join(tree, name), symlinks=True)
            else:
                shutil.copy(here, tree)
        # The make that may have started this test has variables of its own, which are not the package's.
        ours = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            ["dpkg-buildpackage", "-us", "-uc", "-b"], cwd=tree, check=False, text=True,
            capture_output=True, stdin=subprocess.DEVNULL,
            env={**ours, "WEIR_BUILD": weirtest.BUILD, "DEB_BUILD_OPTIONS": "noautodbgsym"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        debs = glob.glob(os.path.join(self.folder, "*.deb"))
        return {os.path.basename(deb).split("_")[0]: deb for deb in debs}

    def next_version(self, deb, version):
        """The package with another version, and with a line more in its configuration."""
        tree = os.path.join(self.folder, version)
        weirtest.sh("dpkg-deb", "-R", deb, tree)
        control = os.path.join(tree, "DEBIAN", "control")
        with open(control, encoding="utf-8") as f:
            text = re.sub(r"(?m)^Version: .*", f"Version: {version}", f.read())
        with open(control, "w", encoding="utf-8") as f:
            f.write(text)
        with open(os.path.join(tree, "etc/weir/weir.yaml"), "a", encoding="utf-8") as f:
            f.write(f"# {version}\n")
        path = os.path.join(self.folder, f"weir_{version}.deb")
        weirtest.sh("dpkg-deb", "-Znone", "-b", tree, path)
        return path

    def check_configuration(self, root):
        """Who may read it, and that the installed weir takes it."""
        status = os.stat(root.file("etc/weir/weir.yaml"))
        group = re.search(r"^weir:x:(\d+):", root.read("etc/group"), re.M)
        self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid),
                         (0o640, 0, int(group.group(1))))
        weirtest.sh(root.file("usr/bin/weir"), "-c", root.file("etc/weir/weir.yaml"), "--check")

    def check_installed(self, root):
        self.check_configuration(root)
        user = re.search(r"^weir:.*", root.read("etc/passwd"), re.M).group(0)
        self.assertTrue(user.endswith("/nologin"), user)
        for name in ("lib/systemd/system/weir.service", "usr/lib/sysusers.d/weir.conf",
                     "usr/lib/tmpfiles.d/weir.conf", "usr/share/man/man1/weir.1.gz",
                     "usr/share/doc/weir/copyright", "usr/share/doc/weir/examples/af_xdp.conf"):
            self.assertTrue(os.path.exists(root.file(name)), name)
        for program in ("weirctl", "sflowgen"):
            weirtest.sh(root.file("usr/bin/" + program), "--help")
            self.assertTrue(os.path.exists(root.file(f"usr/share/man/man1/{program}.1.gz")))
        # It is to be told of an interface first.
        self.assertFalse(os.path.lexists(root.file(WANTS)))
        self.check_pages(root)

    def check_pages(self, root):
        """All pages and examples that pages and manuals name are there."""
        there = root.file("usr/share/doc/weir")
        have = {name.removesuffix(".gz") for name in os.listdir(there)}
        named = set()
        for name in ["README.rst", *glob.glob(os.path.join(weirtest.SOURCE, "docs", "*.rst")),
                     *glob.glob(os.path.join(weirtest.SOURCE, "docs", "man", "*.1"))]:
            self.assertTrue(name.endswith(".1") or os.path.basename(name) in have, name)
            with open(os.path.join(weirtest.SOURCE, name), encoding="utf-8") as f:
                named.update(re.findall(r"\b(docs|config)/([a-z-]+\.[a-z]+)", f.read()))
        self.assertIn("NEWS.rst", have)
        self.assertLessEqual({name for folder, name in named if folder == "docs"}, have)
        installed = {"weir.yaml", "weir.service", "weir.sysusers", "weir.tmpfiles"}  # in their places
        examples = {name for folder, name in named if folder == "config"} - installed
        self.assertIn("prometheus-rules.yml", examples)
        self.assertLessEqual(examples, set(os.listdir(os.path.join(there, "examples"))))
        weirtest.need_program("promtool")
        config = os.path.join(there, "examples", "prometheus.yml")
        self.assertIn("1 rule files found", weirtest.sh("promtool", "check", "config", config))

    def upgrade(self, root, deb):
        """In place: an edited configuration stays, one that was left alone is the new one."""
        root.dpkg("--force-confdef", "--force-confold", "-i", self.next_version(deb, "0.1.98"))
        self.check_configuration(root)
        self.assertIn("# 0.1.98\n", root.read("etc/weir/weir.yaml"))
        root.run("env", "DPKG_MAINTSCRIPT_PACKAGE=weir", "deb-systemd-helper", "enable",
                 "weir.service")
        self.assertTrue(os.path.islink(root.file(WANTS)))
        with open(root.file("etc/weir/weir.yaml"), "a", encoding="utf-8") as f:
            f.write("# mine\n")
        root.dpkg("--force-confdef", "--force-confold", "-i", self.next_version(deb, "0.1.99"))
        self.check_configuration(root)
        self.assertIn("# mine\n", root.read("etc/weir/weir.yaml"))
        self.assertNotIn("# 0.1.99\n", root.read("etc/weir/weir.yaml"))
        self.assertIn("# 0.1.99\n", root.read("etc/weir/weir.yaml.dpkg-dist"))
        self.assertTrue(os.path.islink(root.file(WANTS)))

    def test_life(self):
        """Install, upgrade, remove, purge: nothing is left but the user."""
        if os.geteuid() != 0:
            self.skipTest("chroot needs root")
        debs = self.build()
        self.assertEqual(set(debs), {"weir", "weir-tools"})
        depends = weirtest.sh("dpkg-deb", "-f", debs["weir"], "Depends") + "," + \
            weirtest.sh("dpkg-deb", "-f", debs["weir-tools"], "Depends")
        root = Root(os.path.join(self.folder, "root"), re.findall(r"[a-z0-9][a-z0-9.+-]+(?=[ ,\n])",
                                                                  re.sub(r"\(.*?\)", "", depends)))
        before = root.files()
        root.dpkg("-i", debs["weir"], debs["weir-tools"])
        self.check_installed(root)
        self.upgrade(root, debs["weir"])
        root.dpkg("-r", "weir", "weir-tools")
        self.assertFalse(os.path.exists(root.file("usr/bin/weir")))
        self.assertIn("# mine\n", root.read("etc/weir/weir.yaml"))
        root.dpkg("-P", "weir", "weir-tools")
        left = {name for name in root.files() - before if "weir" in name}
        self.assertLessEqual(left, {"run/weir"})  # until the machine starts anew
        self.assertIn("weir:", root.read("etc/passwd"))


if __name__ == "__main__":
    weirtest.main()
