#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""sflowgen as a whole: what it writes is decoded again, and must come to its own totals."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import decode

EXE = os.environ.get('SFLOWGEN', 'sflowgen')

VARIANTS = {
    'default': [],
    'expanded': ['--expanded', '--ipv6-agents', '50%', '--records', 'switch,router',
                 '--vlan', '30%', '--vxlan', '30%', '--sub-agents', '3', '--counters', '0.5'],
    'ipv6': ['--dst-ip', '2001:db8::99', '--ipv6', '1', '--vxlan', '0'],
    'fragments': ['--fragment', '600', '--max-payload', '5000', '--samples-per-datagram', '20'],
    'fragments6': ['--dst-ip', '2001:db8::99', '--fragment', '1280', '--max-payload', '5000',
                   '--samples-per-datagram', '20', '--header-bytes', '200'],
    'overlay': ['--vxlan', '1', '--ipv6', '0', '--vlan', '1', '--header-bytes', '96'],
    'rates': ['--sampling-rate', '1,400,1000000000', '--zipf', '0', '--interfaces', '1'],
    'small': ['--agents', '1', '--interfaces', '1', '--flows', '1', '--hosts', '1'],
    'slow': ['--rate', '20', '--agents', '50', '--delay', '1', '--datagrams', '300'],
}


def run(folder, *options, datagrams='2000'):
    """Write a capture. Returns (truth, path)."""
    path = os.path.join(folder, 'out.pcap')
    args = [EXE, '--out', path, '--top', '1000000']
    if '--datagrams' not in options and '--seconds' not in options:
        args += ['--datagrams', datagrams]
    out = subprocess.run(args + list(options), check=True, capture_output=True, text=True)
    return json.loads(out.stdout), path


def read(path):
    """Returns (good datagrams, payloads that are none, the wire)."""
    wire, good, bad = decode.Wire(), [], 0
    for _, frame in decode.read_pcap(path):
        payload = wire.payload(frame)
        if payload is None:
            continue
        try:
            good.append(decode.datagram(payload))
        except decode.Bad:
            bad += 1
    return good, bad, wire


def digest(path):
    with open(path, 'rb') as f:
        return hashlib.sha256(f.read()).hexdigest()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)


class Seed(Case):
    def test_same_seed_same_bytes(self):
        first, path = run(self.folder, '--seed', '7', '--hostile', '0.1', '--reorder', '0.1')
        before = digest(path)
        second, path = run(self.folder, '--seed', '7', '--hostile', '0.1', '--reorder', '0.1')
        self.assertEqual(before, digest(path))
        self.assertEqual(first, second)

    def test_other_seed_other_bytes(self):
        _, path = run(self.folder, '--seed', '7')
        before = digest(path)
        _, path = run(self.folder, '--seed', '8')
        self.assertNotEqual(before, digest(path))


class Truth(Case):
    def compare(self, truth, good, bad):
        flows = [(dg, s) for dg in good for s in dg.flows]
        self.assertEqual(truth['received'], len(good) + bad)
        self.assertEqual(truth['datagrams'], len(good))
        self.assertEqual(truth['flow_samples'], len(flows))
        self.assertEqual(truth['counter_samples'], sum(len(dg.counters) for dg in good))
        self.assertEqual(truth['samples'], truth['flow_samples'] + truth['counter_samples'])
        for name, definition in truth['definitions'].items():
            found = decode.totals(flows, definition['keys'].split(','))
            told = {t['key']: [t['bytes'], t['frames'], t['samples']] for t in definition['top']}
            self.assertEqual(told, found, name)
            self.assertEqual(definition['flows'], len(found))
            self.assertEqual([definition[k] for k in ('bytes', 'frames', 'samples')],
                             [sum(t[i] for t in found.values()) for i in range(3)], name)
            sizes = [t['bytes'] for t in definition['top']]
            self.assertEqual(sizes, sorted(sizes, reverse=True))

    def test_equals_an_independent_decode(self):
        for name, options in VARIANTS.items():
            with self.subTest(name):
                truth, path = run(self.folder, *options)
                good, bad, wire = read(path)
                self.assertEqual(bad, 0)
                self.assertEqual(sum(dg.dropped for dg in good), 0)
                self.assertFalse(wire.pieces)
                self.assertEqual(wire.fragments > 0, 'fragments' in name)
                self.compare(truth, good, bad)

    def test_own_definitions(self):
        truth, path = run(self.folder, '--vlan', '0.5', '--define',
                          'a=agent,inputifindex,outputifindex,datasource', '--define',
                          'm=macsource,macdestination,ethernetprotocol,vlan', '--define',
                          'p=ipprotocol,ipprotocol.1,ipsource.1', '--define', 'n=ip6nexthdr')
        good, bad, _ = read(path)
        self.assertEqual(sorted(truth['definitions']), ['a', 'm', 'n', 'p'])
        self.compare(truth, good, bad)

    def test_fabrics_of_their_own_agents(self):
        agents = []
        for first in ('0', '8'):
            _, path = run(self.folder, '--agents', '8', '--first-agent', first)
            agents.append({dg.agent for dg in read(path)[0]})
        self.assertEqual([len(a) for a in agents], [8, 8])
        self.assertFalse(agents[0] & agents[1])

    def test_a_key_is_seen_by_one_source_only(self):
        _, path = run(self.folder, '--interfaces', '8', '--vxlan', '0.3')
        seen = {}
        for dg in read(path)[0]:
            for s in dg.flows:
                fields = decode.packet(s.header)
                key = fields.get('ipsource', fields.get('ip6source'))
                self.assertEqual(seen.setdefault(key, (dg.agent, s.source)), (dg.agent, s.source))

    def test_rates_are_over_the_duration(self):
        truth, _ = run(self.folder, '--seconds', '20', '--rate', '5000')
        self.assertAlmostEqual(truth['duration_s'], 20, delta=0.01)
        self.assertAlmostEqual(truth['flow_samples_per_s'], 5000, delta=1)
        self.assertEqual(len(truth['per_second']), 21)
        self.assertEqual(sum(s['datagrams'] for s in truth['per_second']), truth['datagrams'])
        top = truth['definitions']['pairs']['top'][0]
        self.assertAlmostEqual(top['bytes_per_s'], top['bytes'] / truth['duration_s'], delta=1)


class Agents(Case):
    def test_sequence_pool_uptime_counters(self):
        truth, path = run(self.folder, '--sub-agents', '2', '--counters', '0.2',
                          '--sampling-rate', '500', datagrams='4000')
        last, sources, polls, octets = {}, {}, {}, {}
        for dg in read(path)[0]:
            sub = (dg.agent, dg.sub)
            sequence, uptime = last.get(sub, (0, dg.uptime))
            self.assertEqual(dg.sequence, sequence + 1)
            self.assertGreaterEqual((dg.uptime - uptime) % 2**32, 0)
            self.assertLess((dg.uptime - uptime) % 2**32, 2000)
            last[sub] = dg.sequence, dg.uptime
            for s in dg.flows:
                key = sub + s.source
                sequence, pool, first, taken = sources.get(key, (0, s.pool, s.pool, 0))
                self.assertEqual(s.sequence, sequence + 1)
                sources[key] = s.sequence, s.pool, first, taken + (s.pool - pool) % 2**32
            for s in dg.counters:
                key = sub + s.source
                self.assertEqual(s.sequence, polls.get(key, 0) + 1)
                polls[key] = s.sequence
                if s.source[0] == 2:
                    self.assertEqual(sorted(s.records), list(range(2000, 2011)))
                    self.assertEqual(len(s.records[2003]), 80)
                    continue
                self.assertEqual({t: len(r) for t, r in s.records.items()}, {1: 88, 2: 52})
                value = int.from_bytes(s.records[1][24:32], 'big')
                self.assertGreaterEqual(value, octets.get(key, 0))
                octets[key] = value
        self.assertEqual(len(truth['agents']), len(last))
        n, _, _, taken = max(sources.values())
        self.assertAlmostEqual(taken / (n - 1), 500, delta=500 * 3 / n ** 0.5)

    def test_interface_counters_are_those_of_the_samples(self):
        _, path = run(self.folder, '--agents', '1', '--hosts', '0', '--counters', '0.05')
        scaled, first = {}, {}
        for dg in read(path)[0]:
            # Within a datagram samples stand in the order in which they were taken, by kind only.
            if dg.flows and dg.counters:
                dg = dg._replace(counters=[])
            for s in dg.counters:
                value = int.from_bytes(s.records[1][24:32], 'big')
                at = scaled.get(s.source[1], 0)
                base = first.setdefault(s.source[1], (value, at))
                self.assertAlmostEqual(value - base[0], at - base[1], delta=20 * 1518 * 1000)
            for s in dg.flows:
                scaled[s.input] = scaled.get(s.input, 0) + s.length * s.rate
        self.assertTrue(scaled)

    def test_loss_duplicates_and_reordering_as_seen(self):
        truth, path = run(self.folder, '--loss', '5%', '--duplicate', '3%', '--reorder', '4%',
                          '--agents', '5', datagrams='5000')
        order = {}
        good, bad, _ = read(path)
        for dg in good:
            order.setdefault((dg.agent, dg.sub), []).append(dg.sequence)
        Truth.compare(self, truth, good, bad)
        for a in truth['agents']:
            got = order[a['agent'], a['sub_agent']]
            highest, late, twice = got[0], 0, 0
            for before, now in zip(got, got[1:]):
                twice += now == before
                late += now < highest
                highest = max(highest, now)
            self.assertEqual(a['datagrams'], len(got))
            self.assertEqual(a['duplicates'], twice)
            self.assertEqual(a['out_of_order'], late)
            self.assertEqual(a['lost'], max(got) - min(got) + 1 - len(set(got)))
        for name in ('lost', 'duplicates', 'out_of_order'):
            self.assertEqual(truth[name], sum(a[name] for a in truth['agents']))
            self.assertGreater(truth[name], 50)
        made = truth['datagrams'] - truth['duplicates'] + truth['lost'] + truth['lost_unseen']
        self.assertEqual(made, 5000)


class Hostile(Case):
    def test_known_share_and_exact_totals(self):
        truth, path = run(self.folder, '--hostile', '30%', datagrams='6000')
        good, bad, _ = read(path)
        hostile = truth['hostile']
        self.assertEqual(truth['received'], 6000)
        self.assertAlmostEqual(hostile['datagrams'], 1800, delta=150)
        self.assertEqual(len(hostile['kinds']), 16)
        self.assertEqual(sum(hostile['kinds'].values()), hostile['datagrams'])
        self.assertEqual(bad, hostile['datagrams'] - hostile['decoded'])
        Truth.compare(self, truth, good, bad)
        mean = [dg for dg in good if dg.agent.startswith('198.')]
        self.assertEqual(len(mean), hostile['decoded'])
        self.assertEqual(sum(len(dg.flows) for dg in mean), hostile['flow_samples'])
        self.assertEqual(sum(len(dg.counters) for dg in mean), hostile['counter_samples'])

    def test_greedy_for_metrics(self):
        truth, path = run(self.folder, '--hostile', '50%', '--hostile-kinds', 'metrics',
                          datagrams='2000')
        good, bad, _ = read(path)
        self.assertEqual(bad, 0)
        hostile = truth['hostile']
        self.assertEqual(sorted(hostile['kinds']),
                         ['metric_agents', 'metric_custom_sources', 'metric_names',
                          'metric_sources', 'metric_strings'])
        mean = [dg for dg in good if dg.agent.startswith('198.')]
        self.assertEqual(len(mean), hostile['datagrams'])
        self.assertEqual(sum(len(dg.counters) for dg in mean), hostile['counter_samples'])
        self.assertEqual(sum(dg.dropped for dg in mean),
                         hostile['kinds']['metric_names'] + hostile['kinds']['metric_custom_sources'])
        greedy = [dg for dg in mean if dg.agent.startswith('198.19.255.')]
        sources = {(dg.agent, s.source) for dg in greedy for s in dg.counters}
        self.assertGreater(len(sources), 150)
        self.assertGreater(len({dg.agent for dg in mean}), 150)

    def test_floods(self):
        """Whole datagrams, of which so many are different; packets with keys are told."""
        truth, path = run(self.folder, '--hostile', '50%', '--hostile-kinds', 'floods',
                          datagrams='3000')
        good, bad, _ = read(path)
        self.assertEqual(bad, 0)
        hostile = truth['hostile']
        self.assertEqual(sorted(hostile['kinds']),
                         ['flood_agents', 'flood_collisions', 'flood_keys', 'flood_names',
                          'flood_sources', 'flood_urls'])
        mean = [dg for dg in good if dg.agent.startswith('198.')]
        self.assertEqual(len(mean), hostile['datagrams'])
        self.assertEqual(sum(len(dg.flows) for dg in mean), hostile['flow_samples'])
        self.assertEqual(hostile['packets'], 7 * (hostile['kinds']['flood_keys']
                                                  + hostile['kinds']['flood_collisions']))
        self.assertEqual(hostile['bytes'], 64 * hostile['packets'])
        self.assertGreater(len({(dg.agent, dg.sub) for dg in mean}),
                           0.95 * hostile['kinds']['flood_agents'])
        self.assertGreater(len({(dg.agent, s.source) for dg in mean for s in dg.flows}),
                           0.95 * 7 * hostile['kinds']['flood_sources'])

    def test_time_of_hostile_datagrams(self):
        truth, path = run(self.folder, '--hostile', '50%', '--hostile-kinds', 'flood_agents',
                          '--hostile-from', '1', '--hostile-for', '0.5', '--seconds', '3', '--rate',
                          '3000', datagrams='1000000')
        start = truth['start_ms'] / 1000
        wire, times = decode.Wire(), []
        for when, frame in decode.read_pcap(path):
            if decode.datagram(wire.payload(frame)).agent.startswith('198.'):
                times.append(when - start)
        self.assertEqual(len(times), truth['hostile']['datagrams'])
        self.assertGreater(len(times), 100)
        self.assertGreaterEqual(min(times), 1)
        self.assertLess(max(times), 1.5)

    def test_chosen_kinds(self):
        truth, _ = run(self.folder, '--hostile', '50%', '--hostile-kinds', 'noise,metric_names',
                       datagrams='500')
        self.assertEqual(sorted(truth['hostile']['kinds']), ['metric_names', 'noise'])

    def test_good_traffic_does_not_change(self):
        _, path = run(self.folder)
        plain = [dg for dg in read(path)[0]]
        _, path = run(self.folder, '--hostile', '20%', datagrams='2400')
        mixed = [dg for dg in read(path)[0] if not dg.agent.startswith('198.')]
        n = min(len(plain), len(mixed))
        self.assertGreater(n, 1000)
        self.assertEqual(plain[:n], mixed[:n])


class Shape(Case):
    def test_zipf(self):
        truth, _ = run(self.folder, '--zipf', '1.1', '--flows', '1000', '--ipv6', '0',
                       '--vxlan', '0', '--define', 'f=ipsource,ipdestination,tcpsourceport',
                       '--define', 'g=ipsource,ipdestination,udpsourceport', datagrams='20000')
        found = sorted((t['samples'] for d in truth['definitions'].values() for t in d['top']),
                       reverse=True)
        harmonic = sum(k ** -1.1 for k in range(1, 1001))
        for rank in (1, 2, 5, 20):
            due = truth['flow_samples'] * rank ** -1.1 / harmonic
            self.assertAlmostEqual(found[rank - 1], due, delta=5 * due ** 0.5)

    def test_uniform(self):
        truth, _ = run(self.folder, '--zipf', '0', '--flows', '200', '--ipv6', '0', '--vxlan',
                       '0', '--define', 'f=ipsource,ipdestination', datagrams='20000')
        definition = truth['definitions']['f']
        mean = truth['flow_samples'] / 200
        self.assertLess(definition['top'][-1]['samples'], mean * 1.2)
        self.assertGreater(definition['top'][-1]['samples'], mean * 0.8)


class Services(Case):
    """Containers whose number jumps, against what the capture holds of them."""

    OPTIONS = ['--agents', '20', '--hosts', '1', '--counters-only', '--counters', '1', '--delay',
               '0.02', '--web-service', 'apache=3..30', '--service', 'job=0..5', '--jump', '5',
               '--replace', '20%', '--seconds', '30']
    CPU, NET, HTTP, WORKERS = 2101, 2104, 2201, 2206

    def samples(self, path):
        """{name: [(time, agent, source, records)]} of class 3."""
        found = {}
        for at, frame in decode.read_pcap(path):
            dg = decode.datagram(decode.Wire().payload(frame))
            for s in dg.counters:
                if s.source[0] == 3:
                    name = s.records[2000][4:4 + decode.u32(s.records[2000], 0)].decode()
                    found.setdefault(name, []).append((at, dg, s))
        return found

    def check_container(self, c, samples, web, start):
        self.assertEqual(len(samples), c['samples'])
        self.assertEqual([s.sequence for _, _, s in samples], list(range(1, len(samples) + 1)))
        states = [decode.u32(s.records[self.CPU], 0) for _, _, s in samples]
        stopped = 'stop_s' in c
        self.assertEqual(states, [1] * (len(samples) - stopped) + [4] * stopped)
        for at, dg, s in samples:
            self.assertEqual((dg.agent, '3.%d' % s.source[1]), (c['agent'], c['datasource']))
            self.assertEqual(s.records[2002], bytes([0, 0, 0, 2, 0, 0, 0, 1]))
            self.assertEqual(web, self.HTTP in s.records)
            self.assertEqual(web, self.WORKERS in s.records)
            ran = at - start - c['start_s']
            self.assertAlmostEqual(decode.u32(s.records[self.CPU], 4), c['per_s']['cpu_ms'] * ran,
                                   delta=c['per_s']['cpu_ms'] * 0.021 + 1)
        first, last = samples[0], samples[-1]
        self.assertAlmostEqual(first[0] - start, c['start_s'], delta=0.021)
        self.assertEqual(first[2].records[self.NET], bytes(40))
        if not stopped:
            return
        self.assertAlmostEqual(last[0] - start, c['stop_s'], delta=0.021)
        net = last[2].records[self.NET]
        self.assertEqual(int.from_bytes(net[0:8], 'big'), c['bytes_in'])
        self.assertEqual(int.from_bytes(net[20:28], 'big'), c['bytes_out'])
        self.assertEqual(decode.u32(last[2].records[self.CPU], 4), c['cpu_ms'])
        if web:
            http = [decode.u32(last[2].records[self.HTTP], 4 * i) for i in range(15)]
            self.assertEqual(sum(http[:9]), c['requests'])
            self.assertEqual(sum(http[9:]), c['requests'])

    def test_life_of_containers(self):
        truth, path = run(self.folder, *self.OPTIONS)
        found = self.samples(path)
        told = {c['name']: (c, service['web']) for service in truth['services'].values()
                for c in service['containers']}
        self.assertEqual(set(found), set(told))
        for name, (c, web) in told.items():
            with self.subTest(name):
                self.check_container(c, found[name], web, truth['start_ms'] / 1000)
        self.assertEqual(truth['flow_samples'], 0)

    def running(self, containers, at):
        return sum(c['start_s'] <= at < c.get('stop_s', 1e9) for c in containers)

    def test_numbers_jump_within_their_range(self):
        truth, _ = run(self.folder, *self.OPTIONS)
        for name, least, most in (('apache', 3, 30), ('job', 0, 5)):
            containers = truth['services'][name]['containers']
            for c in containers:
                self.assertRegex(c['name'], '^%s[.][0-9]+[.][a-z0-9]{25}$' % name)
            self.assertEqual(len({c['name'] for c in containers}), len(containers))
            # Orders are carried out within half a second of each jump.
            counts = [self.running(containers, 5 * i + 2) for i in range(6)]
            self.assertEqual(counts, [self.running(containers, 5 * i + 4.9) for i in range(6)])
            self.assertGreaterEqual(min(counts), least)
            self.assertLessEqual(max(counts), most)
            self.assertGreater(len(set(counts)), 2)

    def test_same_seed_same_containers(self):
        first, _ = run(self.folder, *self.OPTIONS, '--seed', '3')
        self.assertEqual(first, run(self.folder, *self.OPTIONS, '--seed', '3')[0])
        self.assertNotEqual(first, run(self.folder, *self.OPTIONS, '--seed', '4')[0])

    def test_all_are_replaced(self):
        truth, _ = run(self.folder, '--agents', '5', '--hosts', '1', '--counters-only', '--service',
                       'job=100..100', '--jump', '0.5', '--replace', '1', '--seconds', '5')
        containers = truth['services']['job']['containers']
        self.assertGreaterEqual(len(containers), 1000)
        self.assertEqual(self.running(containers, 4.99), 100)

    def test_they_go_with_flow_samples(self):
        truth, path = run(self.folder, '--service', 'job=5..5', '--seconds', '3', '--rate', '500')
        good, bad, _ = read(path)
        Truth.compare(self, truth, good, bad)
        self.assertGreater(truth['flow_samples'], 1000)


class Fabric(Case):
    """Interfaces that are polled, and nothing else."""

    def test_steady_counters(self):
        truth, path = run(self.folder, '--agents', '40', '--interfaces', '16', '--hosts', '0',
                          '--counters', '2', '--counters-only', '--port-names', '--seconds', '8',
                          '--delay', '0.5')
        self.assertEqual((truth['flow_samples'], truth['interfaces']['count']), (0, 640))
        polls, per_datagram, agents = {}, [], set()
        for at, frame in decode.read_pcap(path):
            agent = '.'.join(str(b) for b in frame[26:30])
            dg = decode.datagram(decode.Wire().payload(frame))
            agents.add(agent)
            self.assertEqual(dg.agent, agent)
            per_datagram.append(len(dg.counters))
            for s in dg.counters:
                record = s.records[1]
                name = s.records[1005]
                self.assertEqual(name[4:4 + decode.u32(name, 0)], b'swp%d' % s.source[1])
                polls.setdefault((agent, s.source), []).append(
                    (at, int.from_bytes(record[24:32], 'big'), int.from_bytes(record[56:64], 'big')))
        self.assertEqual((len(agents), len(polls)), (40, 640))
        self.assertEqual(truth['counter_samples'], sum(per_datagram))
        self.assertGreater(truth['counter_samples'] / len(per_datagram), 4)
        self.assertEqual({len(p) for p in polls.values()} - {4, 5}, set())
        for i, name in ((1, 'in_octets_per_s'), (2, 'out_octets_per_s')):
            grown = sum(p[3][i] - p[0][i] for p in polls.values())
            self.assertAlmostEqual(grown / 6 / truth['interfaces'][name], 1, delta=0.001)
        seconds = [0] * 9
        for second in (int(p[0] - truth['start_ms'] / 1000) for ps in polls.values() for p in ps):
            seconds[second] += 1
        for n in seconds[1:8]:
            self.assertAlmostEqual(n, 320, delta=40)


class Usage(Case):
    def refuse(self, *words, says):
        out = subprocess.run([EXE, *words], capture_output=True, text=True, check=False)
        self.assertEqual(out.returncode, 2, words)
        self.assertEqual(out.stdout, '')
        self.assertEqual(len(out.stderr.splitlines()), 1)
        self.assertIn(says, out.stderr)

    def test_errors(self):
        self.refuse(says='--out FILE, --iface NAME, --udp HOST:PORT')
        self.refuse('--out', 'x', '--udp', 'h:1', says='one of')
        self.refuse('--out', 'x', '--agnets', '4', says='did you mean --agents?')
        self.refuse('--out', 'x', '--wholly-unlike', says='--help')
        self.refuse('--out', 'x', '--zipf', 'abc',
                    says="--zipf: 'abc' is not a number from 0 to 10")
        self.refuse('--out', 'x', '--flows', '0', says='from 1 to')
        self.refuse('--out', 'x', '--ipv6', '101%', says='a share')
        self.refuse('--out', 'x', '--ipv6', '0.6', '--vxlan', '0.6', says='more than the whole')
        self.refuse('--out', 'x', '--agents', says='a value is missing')
        self.refuse('--out', 'x', '--expanded=1', says='takes no value')
        self.refuse('--out', 'x', '--define', 'a=ipsorce', says="did you mean 'ipsource'?")
        self.refuse('--out', 'x', '--define', 'a b=ipsource', says='a name has')
        self.refuse('--out', 'x', '--records', 'swich', says='switch')
        self.refuse('--out', 'x', '--dst-mac', '1:2:3', says='MAC')
        self.refuse('--out', 'x', '--sampling-rate', '10,0', says='1 to 1000000000')
        self.refuse('--out', 'x', '--dst-ip', '2001:db8::1', '--src-ip', '10.0.0.1', says='family')
        self.refuse('--out', 'x', '--rate', '0', says='needs a rate')
        self.refuse('--out', '-', says='--truth')
        for service in ('apache', 'apache=3', 'apache=3.30', 'a.b=1..2', '=1..2', 'a=5..2',
                        'a=0..0', 'a=1..1000001', 'a' * 31 + '=1..2', 'a=1..2x'):
            self.refuse('--out', 'x', '--service', service, says='like apache=3..30')
        self.refuse('--out', 'x', '--service', 'a=1..2', '--web-service', 'a=1..2', says="'a' is")
        self.refuse('--out', 'x', '--service', 'a=1..2', '--hosts', '0', says='needs hosts')
        self.refuse('--out', 'x', '--service', 'a=1..2', '--counters', '0', says='--counters')
        self.refuse('--out', 'x', '--hostile-kinds', 'metric_name', says='metric_names')
        self.refuse('--out', 'x', 'stray', says='stray')
        self.refuse('--out', 'x', '--seed', '18446744073709551616',
                    says='from 0 to 18446744073709551615')
        self.refuse('--out', 'x', '--datagrams', '0', says='from 1 to 1000000000000000')
        self.refuse('--out', 'x', '--hostile', '99.91%', says='from 0 to 0.999 (99.9%)')
        for target in ('nohost', 'host:', ':6343', 'host:sflow', 'host:0', 'host:65536',
                       'host:99999999999999999999', '::1:6343', '[::1]', '[]:6343'):
            self.refuse('--udp', target, says='--udp: takes HOST:PORT')

    def test_limits_are_taken(self):
        for words in (['--seed', '18446744073709551615'], ['--hostile', '99.9%'],
                      ['--hostile', '0.999'], ['--loss', '100%']):
            run(self.folder, *words, datagrams='10')

    def test_run_time_failures(self):
        for words in (['--out', '/nowhere/x.pcap'], ['--iface', 'no-such-if0'],
                      ['--udp', 'x' * 64 + ':6343'], ['--out', '/dev/full']):
            out = subprocess.run([EXE, *words, '--datagrams', '2000', '--truth', os.devnull],
                                 capture_output=True, text=True, check=False)
            self.assertEqual(out.returncode, 1, words)
            self.assertTrue(out.stderr.startswith('sflowgen: '), out.stderr)

    def test_help(self):
        out = subprocess.run([EXE, '--help'], capture_output=True, text=True, check=True)
        self.assertIn('--samples-per-datagram N', out.stdout)
        self.assertEqual(out.stderr, '')

    def test_capture_on_standard_output(self):
        truth = os.path.join(self.folder, 'truth')
        out = subprocess.run([EXE, '--out', '-', '--truth', truth, '--datagrams', '10'],
                             capture_output=True, check=True)
        path = os.path.join(self.folder, 'copy.pcap')
        with open(path, 'wb') as f:
            f.write(out.stdout)
        self.assertEqual(len(read(path)[0]), 10)


class Live(Case):
    def setUp(self):
        super().setUp()
        self.truth = os.path.join(self.folder, 'truth')

    def start(self, *options):
        process = subprocess.Popen([EXE, '--truth', self.truth, '--top', '100000', *options],
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def told(self):
        with open(self.truth, encoding='utf-8') as f:
            return json.load(f)

    def receive(self, sock, process):
        got = []
        sock.settimeout(0.2)
        while True:
            try:
                got.append(sock.recv(65536))
            except TimeoutError:
                if process.poll() is not None:
                    return got

    def test_udp_is_paced_and_true(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        sock.bind(('127.0.0.1', 0))
        process = self.start('--udp', '127.0.0.1:%d' % sock.getsockname()[1], '--rate', '3000',
                             '--seconds', '3')
        got = [decode.datagram(b) for b in self.receive(sock, process)]
        _, err = process.communicate()
        truth = self.told()
        self.assertEqual(process.returncode, 0)
        Truth.compare(self, truth, got, 0)
        self.assertAlmostEqual(truth['duration_s'], 3, delta=0.3)
        self.assertAlmostEqual(truth['flow_samples_per_s'], 3000, delta=300)
        self.assertTrue(0 < truth['late_s'] < 3)
        self.assertIn('flow samples/s', err)

    def test_signal_ends_with_the_truth(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self.addCleanup(sock.close)
            sock.bind(('::1', 0))
            process = self.start('--udp', '[::1]:%d' % sock.getsockname()[1], '--rate', '1000',
                                 '--quiet')
            sock.recv(65536)
            time.sleep(0.3)
            process.send_signal(number)
            got = 1 + len(self.receive(sock, process))
            _, err = process.communicate()
            self.assertEqual((process.returncode, err), (0, ''))
            self.assertEqual(self.told()['received'], got)

    def test_closed_port_is_no_error(self):
        out = subprocess.run([EXE, '--udp', '127.0.0.1:9', '--datagrams', '100', '--rate', '0'],
                             capture_output=True, text=True, check=True)
        self.assertEqual(json.loads(out.stdout)['received'], 100)

    def test_raw_frames_on_an_interface(self):
        if os.geteuid() != 0 or not shutil.which('unshare') or not shutil.which('ip'):
            self.skipTest('needs root, unshare and ip')
        out = subprocess.run(['unshare', '-n', sys.executable, os.path.abspath(__file__), 'veth'],
                             capture_output=True, text=True, check=False)
        if out.returncode == 77:
            self.skipTest('no veth here')
        self.assertEqual(out.returncode, 0, out.stderr)

    def veth(self):
        """Runs in a network namespace of its own."""
        setup = ('ip link add name gen0 type veth peer name gen1 && ip link set gen0 up '
                 '&& ip link set gen1 up')
        if subprocess.run(setup, shell=True, check=False).returncode:
            self.skipTest('no veth here')
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
        sock.bind(('gen1', 3))
        process = self.start('--iface', 'gen0', '--rate', '20000', '--seconds', '1', '--hostile',
                             '5%', '--fragment', '1000', '--dst-ip', '10.9.9.9', '--quiet')
        wire, good, bad, frames = decode.Wire(), [], 0, 0
        for frame in self.receive(sock, process):
            if frame[12:14] != b'\x08\0':
                continue
            frames += 1
            payload = wire.payload(frame)
            if payload is None:
                continue
            try:
                good.append(decode.datagram(payload))
            except decode.Bad:
                bad += 1
        truth = self.told()
        self.assertEqual(truth['wire_frames'], frames)
        self.assertAlmostEqual(truth['flow_samples_per_s'], 20000, delta=3000)
        Truth.compare(self, truth, good, bad)


class Tshark(Case):
    def tshark(self, path, *words):
        # Its UDP port for sFlow is set; Wireshark 4.0 does not know host counters and loses its
        # place behind them, so there are no hosts here.
        return subprocess.run(
            ['tshark', '-r', path, '-d', 'udp.port==6343,sflow', '-o', 'ip.check_checksum:TRUE',
             '-o', 'udp.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', *words],
            capture_output=True, text=True, check=True).stdout

    def test_decodes_without_complaint_to_the_same_totals(self):
        if not shutil.which('tshark'):
            self.skipTest('tshark is not installed')
        for name in ('default', 'expanded', 'overlay'):
            with self.subTest(name):
                truth, path = run(self.folder, *VARIANTS[name], '--hosts', '0', datagrams='300')
                complaints = self.tshark(
                    path, '-Y', '_ws.malformed || ip.checksum.status == 0 || '
                    'udp.checksum.status == 0 || tcp.checksum.status == 0')
                self.assertEqual(complaints, '')
                text = self.tshark(path, '-V')
                self.assertNotIn('Malformed', text)
                self.totals(truth, text)

    def totals(self, truth, text):
        rate, rates, lengths, counters = 0, [], [], 0
        for line in text.splitlines():
            words = line.split()
            if line.strip().startswith('Sampling rate:'):
                rate = int(words[-1]) if words[-1].isdigit() else int(words[words.index('of') + 1])
            elif line.strip().startswith('Frame Length:') and line.startswith(' ' * 8):
                lengths.append(int(words[2]))
                rates.append(rate)
            elif 'ounters sample, seq' in line:
                counters += 1
        self.assertEqual(len(lengths), truth['flow_samples'])
        self.assertEqual(counters, truth['counter_samples'])
        told = sum(truth['definitions'][name]['bytes'] for name in ('pairs', 'pairs6'))
        self.assertEqual(sum(a * b for a, b in zip(rates, lengths)), told)


if __name__ == '__main__':
    if sys.argv[1:] == ['veth']:
        # As a test case, so that its files and processes are cleaned up.
        result = unittest.TextTestRunner().run(Live('veth'))
        sys.exit(77 if result.skipped else not result.wasSuccessful())
    else:
        unittest.main()
