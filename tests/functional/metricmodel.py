# SPDX-License-Identifier: BSD-3-Clause
"""A plain model of metrics, over the JSON of `weirctl decode`, to check weir against.

It goes through the counter samples of decoded datagrams in their order, keeps for each data source
the newest record of each structure and the one before, and knows nothing of how weir does it. Names
of metrics are those that users know, or made like them; which numbers are counters is taken from
the definitions of the structures.
"""

import datetime
import math
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "decode"))

from structures import COUNTER  # pylint: disable=wrong-import-position

# Metrics of each structure, in the order of its fields: a name, `+` before that of a counter,
# which becomes a rate, `-` for a field that is no metric.
ROWS = {
    "0:1": "ifindex iftype ifspeed ifdirection ifstatus +ifinoctets +ifinucastpkts"
           " +ifinmulticastpkts +ifinbroadcastpkts +ifindiscards +ifinerrors +ifinunknownprotos"
           " +ifoutoctets +ifoutucastpkts +ifoutmulticastpkts +ifoutbroadcastpkts +ifoutdiscards"
           " +ifouterrors -",
    "0:2": "+eth_alignmenterrors +eth_fcserrors +eth_singlecollisions +eth_multiplecollisions"
           " +eth_sqetesterrors +eth_deferredtx +eth_latecollision +eth_excessivecollisions"
           " +eth_mactxerrors +eth_carriersenseerrors +eth_frametoolongs +eth_macrxerrors"
           " +eth_symbolerrors",
    "0:3": "+tr_lineerrors +tr_bursterrors +tr_acerrors +tr_aborttranserrors +tr_internalerrors"
           " +tr_lostframeerrors +tr_receivecongestions +tr_framecopiederrors +tr_tokenerrors"
           " +tr_softerrors +tr_harderrors +tr_signalloss +tr_transmitbeacons +tr_recoverys"
           " +tr_lobewires +tr_removes +tr_singles +tr_freqerrors",
    "0:4": "+vg_inhighpriorityframes +vg_inhighpriorityoctets +vg_innormpriorityframes"
           " +vg_innormpriorityoctets +vg_inipmerrors +vg_inoversizeframeerrors +vg_indataerrors"
           " +vg_innulladdressedframes +vg_outhighpriorityframes +vg_outhighpriorityoctets"
           " +vg_transitionintotrainings +vg_hcinhighpriorityoctets +vg_hcinnormpriorityoctets"
           " +vg_hcouthighpriorityoctets",
    "0:5": "vlan_id +vlan_octets +vlan_ucastpkts +vlan_multicastpkts +vlan_broadcastpkts"
           " +vlan_discards",
    "0:6": "+dot11_transmittedfragments +dot11_multicasttransmittedframes +dot11_failed"
           " +dot11_retries +dot11_multipleretries +dot11_frameduplicates +dot11_rtssuccess"
           " +dot11_rtsfailures +dot11_ackfailures +dot11_receivedfragments"
           " +dot11_multicastreceivedframes +dot11_fcserrors +dot11_transmittedframes"
           " +dot11_wepundecryptables +dot11_qosdiscardedfragments dot11_associatedstations"
           " +dot11_qoscfpollsreceived +dot11_qoscfpollsunused +dot11_qoscfpollsunusable"
           " +dot11_qoscfpollslost",
    "0:7": "agg_actorsystemid agg_partneropersystemid agg_attachedaggid agg_actoradminportstate"
           " agg_actoroperportstate agg_partneradminportstate agg_partneroperportstate"
           " +agg_lacpdusrx +agg_markerpdusrx +agg_markerresponsepdusrx +agg_unknownrx"
           " +agg_illegalrx +agg_lacpdustx +agg_markerpdustx +agg_markerresponsepdustx",
    "0:8": "+slowpath_unknown +slowpath_other +slowpath_cam_miss +slowpath_cam_full"
           " +slowpath_no_hw_support +slowpath_cntrl",
    "0:9": "+ib_portxmitpkts +ib_portrcvpkts +ib_symbolerrors +ib_linkerrorrecoveries"
           " +ib_linkdowned +ib_portrcverrors +ib_portrcvremotephysicalerrors"
           " +ib_portrcvswitchrelayerrors +ib_portxmitdiscards +ib_portxmitconstrainterrors"
           " +ib_portrcvconstrainterrors +ib_locallinkintegrityerrors"
           " +ib_excessivebufferoverrunerrors +ib_vl15dropped",
    "0:10": "opt_module_id opt_module_lanes opt_module_supply_voltage opt_module_temperature -",
    "0:11": "+pfc_requests +pfc_indications +pfc_pause_duration +pfc_storm_detected"
            " +pfc_storm_restored",
    "0:1001": "cpu_5sec cpu_1min cpu_5min memory_total memory_free",
    "0:1002": "+radio_elapsed_time +radio_on_channel_time +radio_on_channel_busy_time",
    "0:1003": "- queue_N_segmentsize queue_N_segments +queue_N_length0 +queue_N_length1"
              " +queue_N_length2 +queue_N_length4 +queue_N_length8 +queue_N_length32"
              " +queue_N_length128 +queue_N_length1024 +queue_N_lengthmore +queue_N_dropped",
    "0:1004": "of_dpid of_port",
    "0:1005": "ifname",
    "0:2000": "host_name uuid machine_type os_name os_release",
    "0:2003": "load_one load_five load_fifteen proc_run proc_total cpu_num cpu_speed uptime"
              " +cpu_user +cpu_nice +cpu_system +cpu_idle +cpu_wio +cpu_intr +cpu_sintr"
              " +interrupts +contexts +cpu_steal +cpu_guest +cpu_guest_nice",
    "0:2004": "mem_total mem_free mem_shared mem_buffers mem_cached swap_total swap_free +page_in"
              " +page_out +swap_in +swap_out",
    "0:2005": "disk_total disk_free part_max_used +disk_reads +disk_bytes_read +disk_read_time"
              " +disk_writes +disk_bytes_written +disk_write_time",
    "0:2006": "+bytes_in +pkts_in +errs_in +drops_in +bytes_out +pkts_out +errs_out +drops_out",
    "0:2007": "ip_forwarding ip_defaultttl +ip_inreceives +ip_inhdrerrors +ip_inaddrerrors"
              " +ip_forwdatagrams +ip_inunknownprotos +ip_indiscards +ip_indelivers"
              " +ip_outrequests +ip_outdiscards +ip_outnoroutes ip_reasmtimeout +ip_reasmreqds"
              " +ip_reasmoks +ip_reasmfails +ip_fragoks +ip_fragfails +ip_fragcreates",
    "0:2008": "+icmp_inmsgs +icmp_inerrors +icmp_indestunreachs +icmp_intimeexcds"
              " +icmp_inparamprobs +icmp_insrcquenchs +icmp_inredirects +icmp_inechos"
              " +icmp_inechoreps +icmp_intimestamps +icmp_inaddrmasks +icmp_inaddrmaskreps"
              " +icmp_outmsgs +icmp_outerrors +icmp_outdestunreachs +icmp_outtimeexcds"
              " +icmp_outparamprobs +icmp_outsrcquenchs +icmp_outredirects +icmp_outechos"
              " +icmp_outechoreps +icmp_outtimestamps +icmp_outtimestampreps +icmp_outaddrmasks"
              " +icmp_outaddrmaskreps",
    "0:2009": "tcp_rtoalgorithm tcp_rtomin tcp_rtomax tcp_maxconn +tcp_activeopens"
              " +tcp_passiveopens +tcp_attemptfails +tcp_estabresets tcp_currestab +tcp_insegs"
              " +tcp_outsegs +tcp_retranssegs +tcp_inerrs +tcp_outrsts +tcp_incsumerrors",
    "0:2010": "+udp_indatagrams +udp_noports +udp_inerrors +udp_outdatagrams +udp_rcvbuferrors"
              " +udp_sndbuferrors +udp_incsumerrors",
    "0:2100": "node_mhz node_cpus node_memory node_memory_free node_num_domains",
    "0:2101": "vir_cpu_state +vir_cpu_time vir_cpu_num",
    "0:2102": "vir_mem_memory vir_mem_maxmemory",
    "0:2103": "vir_disk_capacity vir_disk_allocation vir_disk_physical +vir_disk_reads"
              " +vir_disk_bytes_read +vir_disk_writes +vir_disk_bytes_written +vir_disk_errs",
    "0:2104": "+vir_bytes_in +vir_pkts_in +vir_errs_in +vir_drops_in +vir_bytes_out"
              " +vir_pkts_out +vir_errs_out +vir_drops_out",
    "0:2105": "jvm_name jvm_vendor jvm_version",
    "0:2106": "jvm_heap_initial jvm_heap_used jvm_heap_committed jvm_heap_max"
              " jvm_non_heap_initial jvm_non_heap_used jvm_non_heap_committed jvm_non_heap_max"
              " +jvm_gc_count +jvm_gc_time jvm_classes_loaded +jvm_classes_total"
              " +jvm_classes_unloaded +jvm_compilation_time jvm_thread_num_live"
              " jvm_thread_num_daemon +jvm_thread_num_started jvm_fd_open_count"
              " jvm_fd_max_count",
    "0:2200": "memcache_uptime +memcache_rusage_user +memcache_rusage_system"
              " memcache_curr_connections +memcache_total_connections"
              " memcache_connection_structures +memcache_cmd_get +memcache_cmd_set"
              " +memcache_cmd_flush +memcache_get_hits +memcache_get_misses"
              " +memcache_delete_misses +memcache_delete_hits +memcache_incr_misses"
              " +memcache_incr_hits +memcache_decr_misses +memcache_decr_hits"
              " +memcache_cas_misses +memcache_cas_hits +memcache_cas_badval"
              " +memcache_auth_cmds +memcache_auth_errors +memcache_bytes_read"
              " +memcache_bytes_written memcache_limit_maxbytes memcache_accepting_conns"
              " +memcache_listen_disabled_num memcache_threads +memcache_conn_yields"
              " memcache_bytes memcache_curr_items +memcache_total_items +memcache_evictions",
    "0:2201": "+http_method_option +http_method_get +http_method_head +http_method_post"
              " +http_method_put +http_method_delete +http_method_trace +http_method_connect"
              " +http_method_other +http_status_1xx +http_status_2xx +http_status_3xx"
              " +http_status_4xx +http_status_5xx +http_status_other",
    "0:2202": "app_application +app_success +app_other +app_timeout +app_internal_error"
              " +app_bad_request +app_forbidden +app_too_large +app_not_implemented"
              " +app_not_found +app_unavailable +app_unauthorized",
    "0:2203": "+app_usertime +app_systemtime app_mem_used app_mem_max app_fd_open app_fd_max"
              " app_conn_open app_conn_max",
    "0:2204": "+memcache_cmd_set +memcache_cmd_touch +memcache_cmd_flush +memcache_get_hits"
              " +memcache_get_misses +memcache_delete_hits +memcache_delete_misses"
              " +memcache_incr_hits +memcache_incr_misses +memcache_decr_hits"
              " +memcache_decr_misses +memcache_cas_hits +memcache_cas_misses"
              " +memcache_cas_badval +memcache_auth_cmds +memcache_auth_errors memcache_threads"
              " +memcache_conn_yields +memcache_listen_disabled_num memcache_curr_connections"
              " +memcache_rejected_connections +memcache_total_connections"
              " memcache_connection_structures +memcache_evictions +memcache_reclaimed"
              " memcache_curr_items +memcache_total_items +memcache_bytes_read"
              " +memcache_bytes_written memcache_bytes memcache_limit_maxbytes",
    "0:2205": "vdi_sessions_current +vdi_sessions_total +vdi_sessions_duration +vdi_rx_bytes"
              " +vdi_tx_bytes +vdi_rx_packets +vdi_tx_packets +vdi_rx_packets_lost"
              " +vdi_tx_packets_lost vdi_rtt_min_ms vdi_rtt_max_ms vdi_rtt_avg_ms"
              " +vdi_audio_rx_bytes +vdi_audio_tx_bytes vdi_audio_tx_limit +vdi_img_rx_bytes"
              " +vdi_img_tx_bytes +vdi_img_frames vdi_img_qual_min vdi_img_qual_max"
              " vdi_img_qual_avg +vdi_usb_rx_bytes +vdi_usb_tx_bytes",
    "0:2206": "workers_active workers_idle workers_max +req_delayed +req_dropped",
    "0:2207": "+ovs_dp_hits +ovs_dp_misses +ovs_dp_lost +ovs_dp_mask_hits ovs_dp_flows"
              " ovs_dp_masks",
    "0:3000": "energy_voltage energy_current energy_real_power energy_power_factor"
              " +energy_energy +energy_errors",
    "0:3001": "temperature_minimum temperature_maximum +temperature_errors",
    "0:3002": "humidity_relative",
    "0:3003": "fans_total fans_failed fans_speed",
    "4413:1": "bst_uc_pc bst_mc_pc",
    "4413:2": "bst_ingress_uc_pc bst_ingress_mc_pc bst_egress_uc_pc bst_egress_mc_pc - -",
    "4413:3": "bcm_host_entries bcm_host_entries_max bcm_ipv4_entries bcm_ipv4_entries_max"
              " bcm_ipv6_entries bcm_ipv6_entries_max bcm_ipv4_ipv6_entries"
              " bcm_ipv4_ipv6_entries_max bcm_long_ipv6_entries bcm_long_ipv6_entries_max"
              " bcm_total_routes bcm_total_routes_max bcm_ecmp_nexthops bcm_ecmp_nexthops_max"
              " bcm_mac_entries bcm_mac_entries_max bcm_ipv4_neighbors bcm_ipv6_neighbors"
              " bcm_ipv4_routes bcm_ipv6_routes bcm_acl_ingress_entries"
              " bcm_acl_ingress_entries_max bcm_acl_ingress_counters"
              " bcm_acl_ingress_counters_max bcm_acl_ingress_meters bcm_acl_ingress_meters_max"
              " bcm_acl_ingress_slices bcm_acl_ingress_slices_max bcm_acl_egress_entries"
              " bcm_acl_egress_entries_max bcm_acl_egress_counters bcm_acl_egress_counters_max"
              " bcm_acl_egress_meters bcm_acl_egress_meters_max bcm_acl_egress_slices"
              " bcm_acl_egress_slices_max",
    "5703:1": "nvml_device_count nvml_processes +nvml_gputime +nvml_memtime nvml_mem_total"
              " nvml_mem_free +nvml_ecc_errors +nvml_energy nvml_temperature nvml_fan_speed",
}

# Of each queue of a data source there is a record: N is its index.
QUEUE, QUEUES = "0:1003", 16  # what lies beyond has no metrics

# Structures that have no metrics of their own.
WITHOUT = {"0:2001", "0:2002", "4300:2"}

# In the same hashes, from flow samples.
SAMPLING = {"sampling_rate", "effective_sampling_rate", "flow_samples", "flow_samples_lost",
            "flow_samples_dropped"}

# Times of processors: in percent of the sum of the first eight.
CPU_WHOLE = ["cpu_" + n for n in ("user", "nice", "system", "idle", "wio", "intr", "sintr", "steal")]
CPU_SHARES = CPU_WHOLE + ["cpu_guest", "cpu_guest_nice"]

UNKNOWN32, UNKNOWN64 = 2**32 - 1, 2**64 - 1
REORDERED = 64  # samples behind the newest, and 60 s: late; all else is a restart
MINUTE, HOUR = 60000, 3600000  # ms


def derive(known, name, operation, *inputs):
    """A metric made of others, where all of them are known."""
    if all(isinstance(known.get(i), (int, float)) for i in inputs):
        try:
            known[name] = operation(*(known[i] for i in inputs))
        except ZeroDivisionError:
            pass


def used(total, *free):
    return 100 * max(total - sum(free), 0) / total


def ratio(name, part, whole):
    return name, lambda a, b: 100 * a / b, part, whole


DERIVED = {
    "0:1": [("if%spkts" % d, lambda *n: sum(n),
             *("if%s%spkts" % (d, k) for k in ("ucast", "multicast", "broadcast")))
            for d in ("in", "out")]
           + [("if%sutilization" % d, lambda octets, speed: octets * 800 / speed,
               "if%soctets" % d, "ifspeed") for d in ("in", "out")],
    "0:2003": [("cpu_utilization", lambda idle: 100 - idle, "cpu_idle"),
               ("load_one_per_cpu", lambda load, n: load / n, "load_one", "cpu_num")],
    "0:2004": [("mem_utilization", used, "mem_total", "mem_free", "mem_buffers", "mem_cached")],
    "0:2101": [("vir_cpu_utilization", lambda ms, n: ms / 10 / max(n, 1),
                "vir_cpu_time", "vir_cpu_num")],
    "0:2102": [ratio("vir_mem_utilization", "vir_mem_memory", "vir_mem_maxmemory")],
    "0:2103": [ratio("vir_disk_utilization", "vir_disk_allocation", "vir_disk_capacity")],
    "0:2201": [("http_requests", lambda *n: sum(n),
                *("http_method_" + n for n in ("option", "get", "head", "post", "put", "delete",
                                               "trace", "connect", "other")))],
    "0:2206": [ratio("workers_utilization", "workers_active", "workers_max")],
    "0:2207": [("ovs_dp_missrate", lambda misses, hits: 100 * misses / (misses + hits),
                "ovs_dp_misses", "ovs_dp_hits")],
    "4413:3": [ratio(f"bcm_{n}_{'utilizaton' if n == 'long_ipv6' else 'utilization'}",
                     f"bcm_{n}_entries", f"bcm_{n}_entries_max")
               for n in ("host", "mac", "ipv4", "ipv6", "ipv4_ipv6", "long_ipv6", "acl_ingress",
                         "acl_egress")]
              + [ratio(f"bcm_{n}_utilization", f"bcm_{n}", f"bcm_{n}_max")
                 for n in ("total_routes", "ecmp_nexthops", "acl_ingress_meters",
                           "acl_ingress_counters", "acl_egress_meters", "acl_egress_counters")],
    "0:2005": [("disk_utilization", used, "disk_total", "disk_free")],
}


class Counters:
    """How the fields of one structure are laid out: (field, type, metric, whether it counts)."""

    def __init__(self, structure):
        row = ROWS[structure.tag].split()
        if len(row) != len(structure.fields):
            raise ValueError(f"{structure.tag}: {len(row)} metrics, {len(structure.fields)} fields")
        self.fields = [(f.name, f.type, metric.lstrip("+"), metric[0] == "+")
                       for f, metric in zip(structure.fields, row) if metric != "-"]

    def unknown(self, kind, value):
        if value is None or value == "" or value == {"hex": ""}:
            return True
        if kind in ("u32", "u64"):
            return value == (UNKNOWN32 if kind == "u32" else UNKNOWN64)
        if kind == "i32":
            return abs(value) == 2**31 - 1
        if kind in ("f32", "f64"):
            return value == -1
        return kind == "uuid" and not value.strip("0-")

    def read(self, fields):
        """({metric: gauge or text}, {metric: (counter, bits)}) of a decoded record."""
        gauges, counters = {}, {}
        for name, kind, metric, counts in self.fields:
            if name not in fields or self.unknown(kind, fields[name]):
                continue
            if counts:
                counters[metric] = (fields[name], 32 if kind == "u32" else 64)
            elif metric == "ifstatus":
                gauges["ifadminstatus"] = "up" if fields[name] & 1 else "down"
                gauges["ifoperstatus"] = "up" if fields[name] & 2 else "down"
            elif metric == "of_dpid":
                gauges[metric] = f"{fields[name]:016x}"
            elif f"{name}_name" in fields:
                gauges[metric] = fields[f"{name}_name"]
            else:
                gauges[metric] = fields[name]
        return gauges, counters


def part_of(record):
    """What a record is of: its structure, and which queue; None where that has no metrics."""
    if record["tag"] != QUEUE:
        return record["tag"], None
    queue = record.get("fields", {}).get("queueIndex", QUEUES)
    return (QUEUE, queue) if queue < QUEUES else None


class Source:
    """A data source of one sub-agent."""

    def __init__(self):
        self.sequence = self.uptime = None
        self.before = {}   # part -> (uptime, time, counters) of the record before
        self.metrics = {}  # part -> those of the newest record

    def order(self, sequence, uptime):
        """How a sample stands to the newest one."""
        if self.sequence is None:
            return "next"
        ahead = (sequence - self.sequence + 2**31) % 2**32 - 2**31
        if ahead == 0 and uptime == self.uptime:
            return "duplicate"
        if -REORDERED < ahead < 0 and (self.uptime - uptime) % 2**32 <= MINUTE:
            return "late"
        stepped_back = uptime < self.uptime and (uptime - self.uptime) % 2**32 > HOUR
        return "restart" if ahead <= 0 or stepped_back else "next"

    def add(self, sample, uptime, time, structures, guest):
        order = self.order(sample["sequence_number"], uptime)
        if order in ("duplicate", "late"):
            return
        if order == "restart":
            self.before = {}
        self.sequence, self.uptime = sample["sequence_number"], uptime
        seen = set()
        for record in sample["records"]:
            part = part_of(record)
            if record["tag"] in structures and part and part not in seen:
                seen.add(part)
                self.record(part, record, structures[record["tag"]], uptime, time, guest)

    def record(self, part, record, structure, uptime, time, guest):
        tag, queue = part
        known, counters = structure.read(record.get("fields", {}))
        if known.get("iftype") == "other" and known.get("ifspeed", 0) > UNKNOWN32 \
                and known["ifspeed"] % 1000000:
            del known["ifspeed"]
        if part in self.before:
            self.rates(known, counters, uptime, time, *self.before[part])
        self.before[part] = (uptime, time, counters)
        for rule in DERIVED.get(tag, ()):
            derive(known, *rule)
        if guest and tag == "0:2000":
            known = {"vir_" + name: value for name, value in known.items()}
        if queue is not None:
            known = {name.replace("_N_", f"_{queue}_"): value for name, value in known.items()}
        self.metrics[part] = known

    @staticmethod
    def rates(known, counters, uptime, time, uptime_before, time_before, before):
        elapsed = (uptime - uptime_before) % 2**32 / 1000 or time - time_before
        grown = {n: ((v - before[n][0]) % 2**bits, bits) for n, (v, bits) in counters.items()
                 if n in before}
        # A counter of 64 bits that grew by more than any link carries has stepped back.
        if any(bits == 64 and d > 2**44 * elapsed for d, bits in grown.values()):
            return
        known.update({n: d / elapsed for n, (d, bits) in grown.items() if bits == 64 or d < 2**31})
        whole = sum(known.get(n, 0) for n in CPU_WHOLE)
        for name in CPU_SHARES:
            if name in known:
                known[name] = 100 * known[name] / whole if whole else math.nan
        for name in [n for n in CPU_SHARES if n in known and not whole]:
            del known[name]


class Model:
    """Metrics of decoded datagrams, objects of `weirctl decode --json`."""

    def __init__(self, datagrams):
        self.structures = {s.tag: Counters(s) for s in COUNTER.values() if s.tag in ROWS}
        self.sources = {}
        self.tags = set()  # that were seen
        for datagram in datagrams:
            time = datetime.datetime.fromisoformat(datagram["time"].replace("Z", "+00:00"))
            self.add(datagram, time.timestamp())

    def add(self, datagram, time):
        for sample in datagram.get("samples", ()):
            if not sample["type"].startswith("counters_sample") or not sample.get("complete", True):
                continue
            self.tags.update(r["tag"] for r in sample["records"])
            source = sample["source_id"]
            key = (datagram["agent_address"].upper(), datagram["sub_agent_id"], source["class"],
                   source["index"])
            self.sources.setdefault(key, Source()).add(
                sample, datagram["uptime"], time, self.structures, source["class"] == 3)

    def hashes(self):
        """{(agent, data source as text): {metric: value}}"""
        found = {}
        for (agent, _, kind, index), source in self.sources.items():
            metrics = {}
            for known in source.metrics.values():
                metrics.update(known)
            if metrics:
                name = f"{kind}.{index}" if kind else str(index)
                found.setdefault((agent, name), {}).update(metrics)
        return found


def check(case, got, want):
    """Fields of a hash (texts) against the metrics of a data source."""
    case.assertEqual(set(got), set(want))
    for name, value in want.items():
        if isinstance(value, str):
            case.assertEqual(got[name], value, name)
        else:
            # Seven digits of a 32-bit float, nine decimals of all.
            case.assertLessEqual(abs(float(got[name]) - value), 1e-6 * abs(value) + 1e-9,
                                 f"{name}: {got[name]} is not {value}")
