#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What perf/report.py makes of figures: tables, plots, the model, and docs/performance.rst itself."""

import os
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.path.abspath(os.environ.get(
    "WEIR_SOURCE_ROOT", os.path.join(os.path.dirname(__file__), "..", "..")))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "perf"))

import figures  # pylint: disable=wrong-import-position
import growth  # pylint: disable=wrong-import-position
import model  # pylint: disable=wrong-import-position
import page  # pylint: disable=wrong-import-position
import plot  # pylint: disable=wrong-import-position
import rst  # pylint: disable=wrong-import-position
import targets  # pylint: disable=wrong-import-position

SVG = "{http://www.w3.org/2000/svg}"


class FiguresTest(unittest.TestCase):

    def setUp(self):
        self.figures = figures.Figures({"commit": "1234567"})
        for value in (3, 1, 2):
            self.figures.add("a, ns", value)
        self.figures.add("b, ns", 1234.6)

    def test_spread(self):
        self.assertEqual(figures.spread(self.figures, "a, ns"), "2.00 (1.00 to 3.00)")
        self.assertEqual(figures.spread(self.figures, "b, ns"), "1,235")
        self.assertEqual(figures.spread(self.figures, "c, ns"), "–")

    def test_save(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "f.json")
            self.figures.save(path)
            kept = figures.Figures.load(path)
        self.assertEqual(kept.series, self.figures.series)
        self.assertEqual(kept.machine, self.figures.machine)

    def test_compare(self):
        baseline = figures.Figures({}, {"a, ns": [4, 4, 4]})
        lines = list(self.figures.compare(baseline))
        self.assertEqual(lines[1].split(), ["a,", "ns", "2.00", "1.00", "3.00", "0.50"])
        self.assertEqual(lines[2].split(), ["b,", "ns", "1234.60", "1234.60", "1234.60"])


class TableTest(unittest.TestCase):

    def test_table(self):
        self.assertEqual(rst.table(["x", "ns"], [["1,000", "2"], ["5", "12.25"]]),
                         "=====  =====\n"
                         "x      ns\n"
                         "=====  =====\n"
                         "1,000  2\n"
                         "5      12.25\n"
                         "=====  =====\n")

    def test_refuses(self):
        for rows in ([["", "2"]], [["1"]], [["1", "2", "3"]]):
            with self.assertRaises(ValueError):
                rst.table(["x", "ns"], rows)

    def test_fill(self):
        before = "By hand.\n\n.. figures: one\n\nold\n\n.. end of figures\n\nAlso by hand.\n"
        after = rst.fill(before, {"one": "new\n", "other": "none\n"})
        self.assertEqual(after, before.replace("old", "new"))
        self.assertEqual(rst.fill(after, {"one": "new\n"}), after)
        self.assertEqual(rst.names(after), ["one"])
        with self.assertRaises(KeyError):
            rst.fill(before, {"other": "none\n"})


class PlotTest(unittest.TestCase):

    LINES = [("a < b", [(1000, 10, 8, 12), (1000000, 20, 20, 20)]), ("c", [(1000, 5, 5, 5)])]

    def draw(self):
        text = plot.svg("Title & more", "flows", "ns a sample", self.LINES, "a machine, a commit")
        return text, ElementTree.fromstring(text)

    def test_texts(self):
        _, root = self.draw()
        texts = [t.text for t in root.iter(f"{SVG}text")]
        for text in ("Title & more", "flows", "ns a sample", "a machine, a commit", "a < b", "c",
                     "1 k", "1 M", "0", "15"):
            self.assertIn(text, texts)

    def test_places(self):
        _, root = self.draw()
        at = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter(f"{SVG}circle")]
        self.assertEqual(len(at), 3)
        (x1, y1), (x2, y2), (x3, y3) = at
        self.assertLess(x1, x2)
        self.assertEqual(x1, x3)
        bottom = plot.HEIGHT - plot.BOTTOM
        self.assertAlmostEqual(bottom - y2, 2 * (bottom - y1), delta=0.2)
        self.assertAlmostEqual(bottom - y1, 2 * (bottom - y3), delta=0.2)
        for x, y in at:
            self.assertTrue(plot.LEFT <= x <= plot.WIDTH and plot.TOP <= y <= plot.HEIGHT)

    def test_logarithm(self):
        axes = plot.Axes([("", [(x, 1, 1, 1) for x in (1, 10, 100)])])
        self.assertAlmostEqual(axes.x(10) - axes.x(1), axes.x(100) - axes.x(10), delta=0.2)
        axes = plot.Axes([("", [(x, 1, 1, 1) for x in (0, 10, 20)])])
        self.assertAlmostEqual(axes.x(10) - axes.x(0), axes.x(20) - axes.x(10), delta=0.2)

    def test_steps(self):
        for most, step in ((0.9, 0.2), (20, 5), (101, 50), (4200, 1000), (0, 1)):
            self.assertAlmostEqual(plot.nice_step(most), step)
            self.assertLess(most / plot.nice_step(most), 5.01)

    def test_alike_and_dark(self):
        text, _ = self.draw()
        self.assertEqual(text, self.draw()[0])
        self.assertIn("prefers-color-scheme:dark", text)
        self.assertIsNone(re.search(r'\bid="', text))


class TargetsTest(unittest.TestCase):

    FIGURES = figures.Figures({}, {
        "a, ns": [1, 9, 2], "cold a, ns": [3, 3, 3], "b, ns": [8, 8, 8], "a, M samples/s": [5]})

    def reached(self, *names, **bound):
        return targets.reached(self.FIGURES, targets.Target("", names=names, **bound))

    def test_worst_of_medians(self):
        self.assertEqual(self.reached("a, ns", "cold a, ns", most=3), (3, True))
        self.assertEqual(self.reached("a, ns", "cold a, ns", most=2.9), (3, False))
        self.assertEqual(self.reached("a, ns", "cold a, ns", least=2), (2, True))
        self.assertEqual(self.reached("a, ns", "cold a, ns", least=2.1), (2, False))

    def test_pair(self):
        self.assertEqual(self.reached(("b, ns", "a, ns"), most=4), (4, True))
        self.assertEqual(self.reached(("b, ns", "a, ns"), most=3.9), (4, False))

    def test_not_measured(self):
        """One that is missing may be the worst."""
        for names in (["c, ns"], ["a, ns", "c, ns"], [("c, ns", "a, ns")], [("a, ns", "c, ns")]):
            self.assertIsNone(self.reached(*names, most=4), names)
        rows = targets.table(self.FIGURES).splitlines()[3:-1]
        self.assertEqual([row.split()[-2:] for row in rows], [["–", "–"]] * len(targets.TARGETS))

    def test_names(self):
        """All that is to be reached is measured: the kept figures have it. And they have no more of the kind."""
        kept = figures.Figures.load(os.path.join(ROOT, "perf", "baseline.json"))
        names = {name for target in targets.TARGETS for name in target.names}
        for target in targets.TARGETS:
            self.assertIsNotNone(targets.reached(kept, target), target.what)
        for name in kept.series:
            if name.endswith((", each further, ns", "a filter that fails, ns", " 1 cores, M flows/s")):
                self.assertIn(name, names)


class ModelTest(unittest.TestCase):

    COSTS = model.Costs(rx=100e-9, flow=200e-9, commands=200000)

    def test_costs(self):
        got = figures.Figures({}, {
            "collector 1, M samples/s": [5, 4, 3],
            "growth flows uniform 1000000, merge, ns a flow": [100],
            "growth flows uniform 1000000, close, ns a flow": [20],
            "growth flows uniform 1000000, clear, ns a flow": [3],
            "metric_publish, commands a second": [90],
            "metric_publish, updates a second": [30],
            "metric_publish, commands for a CPU second of Redis": [600]})
        c = model.costs(got, 1000000)
        self.assertAlmostEqual(c.rx * 1e9, 250)
        self.assertAlmostEqual(c.flow * 1e9, 123)
        self.assertEqual((c.commands, model.updates(got)), (600, 200))

    def test_line_rate(self):
        self.assertAlmostEqual(model.line_rate() * (1400 + 66) * 8, 100e9, delta=1)
        self.assertEqual(model.cores_for_port(self.COSTS), 6)

    def test_share_out(self):
        self.assertEqual(model.share_out(8, 1000000, self.COSTS), (7, 1))
        self.assertEqual(model.share_out(8, 10000000, self.COSTS), (4, 4))
        self.assertEqual(model.share_out(2, 10000000, self.COSTS), (1, 1))
        self.assertEqual(model.share_out(1, 10, self.COSTS), (1, 0))

    def test_one_core(self):
        p = model.point(1, 1000000, self.COSTS)
        self.assertAlmostEqual(p.samples, 0.8 * 10e6, delta=1)  # the merge has a fifth of it
        self.assertEqual(p.breaks, "RX cores")
        p = model.point(1, 10000000, self.COSTS)
        self.assertEqual((p.samples, p.breaks), (0, "aggregation"))

    def test_port(self):
        p = model.point(16, 1000000, self.COSTS)
        self.assertEqual((p.breaks, p.port), ("the port", 1))
        self.assertAlmostEqual(p.samples, model.line_rate() * 7)
        self.assertEqual(model.point(8, 10000000, self.COSTS).breaks, "RX cores")

    def test_memory(self):
        slow = self.COSTS._replace(rx=1e-9)
        full = model.MEMORY_GBYTE
        try:
            model.MEMORY_GBYTE = 10
            p = model.point(16, 1000000, slow)
        finally:
            model.MEMORY_GBYTE = full
        self.assertEqual(p.breaks, "memory")
        self.assertAlmostEqual(p.memory, 10)

    def test_redis(self):
        p = model.point(16, 1000000, self.COSTS, definitions=10000)
        self.assertEqual((p.redis, p.breaks), (2, "Redis"))
        self.assertAlmostEqual(model.redis_share(1, self.COSTS), 0.0002)


class GrowthTest(unittest.TestCase):

    PRINTED = ("samples 200\nflows 100\nkey 13.0\nrx 150.5\nmerge 40\nclose 8\nclear 2\n"
               "window_bytes 81.5\nkept_bytes 112\n")

    def test_points(self):
        names = [growth.name_of(curve, point, "") for curve in growth.CURVES for point in curve.points]
        self.assertEqual(len(names), len(set(names)))
        by_name = {curve.name: [p.x for p in curve.points] for curve in growth.CURVES}
        for name, low, high in (("flows", 1000, 10000000), ("agents", 1, 100000),
                                ("definitions", 1, 64), ("samples", 1, 20), ("window", 0.1, 60)):
            self.assertEqual((min(by_name[name]), max(by_name[name])), (low, high))

    def test_add(self):
        got = figures.Figures()
        growth.add(got, growth.CURVES[0], growth.CURVES[0].points[0], self.PRINTED)
        self.assertEqual(got.median("growth flows uniform 1000, rx, ns a sample"), 150.5)
        self.assertEqual(got.median("growth flows uniform 1000, aggregation, ns a sample"), 25)
        self.assertEqual(got.median("growth flows uniform 1000, merged, bytes a flow"), 112)

    def test_key(self):
        key = next(curve for curve in growth.CURVES if curve.name == "key")
        right = next(point for point in key.points if point.x == 13)
        growth.add(figures.Figures(), key, right, self.PRINTED)
        with self.assertRaises(ValueError):
            growth.add(figures.Figures(), key, key.points[0], self.PRINTED)


class PageTest(unittest.TestCase):
    """docs/performance.rst says what perf/baseline.json has, as perf/report.py --docs writes it."""

    @classmethod
    def setUpClass(cls):
        cls.figures = figures.Figures.load(os.path.join(ROOT, "perf", "baseline.json"))
        with open(os.path.join(ROOT, "docs", "performance.rst"), encoding="utf-8") as f:
            cls.text = f.read()

    def test_page(self):
        self.assertEqual(self.text, page.fill(self.figures, self.text))

    def test_parts(self):
        self.assertEqual(sorted(rst.names(self.text)), sorted(page.PARTS))

    def test_plots(self):
        for name, svg in page.plots(self.figures).items():
            with self.subTest(name), open(os.path.join(ROOT, "docs", "performance", name),
                                          encoding="utf-8") as f:
                self.assertEqual(f.read(), svg)
                self.assertIn(f"performance/{name}", self.text)

    def test_machine(self):
        for name in ("commit", "date", "cpu", "cpus", "hugepages", "load", "build"):
            self.assertIn(name, self.figures.machine)


if __name__ == "__main__":
    unittest.main()
