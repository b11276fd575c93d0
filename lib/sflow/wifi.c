/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Wireless networks: sFlow 802.11 Structures, flow structures 0:1013 to 0:1016, counter structures
 * 0:6 and 0:1002. */

/* clang-format off */

/* IEEE 802.11, cipher suite selectors of OUI 00-0F-AC. */
WORDS(ciphers, {0x000FAC00, "group"}, {0x000FAC01, "WEP-40"}, {0x000FAC02, "TKIP"},
	{0x000FAC04, "CCMP"}, {0x000FAC05, "WEP-104"});
WORDS(versions, {1, "802.11a"}, {2, "802.11b"}, {3, "802.11g"}, {4, "802.11n"});

/* What sflowtool reads, and so some agents may send: a sampled header behind the cipher suite. */
static STRUCTURE(payload_as_header, "extended_80211_payload", 0, 1013, 20,
	FIELDS(
		PLAIN("cipher_suite", U32, .words = &ciphers),
		PLAIN("header_protocol", U32, .words = &sflow_header_protocols),
		PLAIN("frame_length", U32, .unit = "bytes"),
		PLAIN("stripped", U32, .unit = "bytes"),
		PLAIN("header", BYTES)),
	.layout = SFLOW_LAYOUT_PAYLOAD, .deviation = SFLOW_PAYLOAD_AS_HEADER);

STRUCTURE(extended_80211_payload, "extended_80211_payload", 0, 1013, 8,
	FIELDS(
		PLAIN("cipher_suite", U32, .words = &ciphers),
		PLAIN("data", BYTES)),
	.layout = SFLOW_LAYOUT_PAYLOAD, .other = &sflow_payload_as_header);

STRUCTURE(extended_80211_rx, "extended_80211_rx", 0, 1014, 40,
	FIELDS(
		TEXT("ssid", 32, 255, .line = "rx_SSID"),
		PLAIN("bssid", MAC, .line = "rx_BSSID"),
		PLAIN("version", U32, .words = &versions, .line = "rx_version"),
		PLAIN("channel", U32, .line = "rx_channel"),
		PLAIN("speed", U64, .unit = "bits per second", .line = "rx_speed"),
		PLAIN("rsni", U32, .line = "rx_rsni"),
		PLAIN("rcpi", U32, .line = "rx_rcpi"),
		PLAIN("packet_duration", U32, .unit = "microseconds", .line = "rx_packet_uS")));

STRUCTURE(extended_80211_tx, "extended_80211_tx", 0, 1015, 44,
	FIELDS(
		TEXT("ssid", 32, 255, .line = "tx_SSID"),
		PLAIN("bssid", MAC, .line = "tx_BSSID"),
		PLAIN("version", U32, .words = &versions, .line = "tx_version"),
		PLAIN("transmissions", U32, .line = "tx_transmissions"),
		PLAIN("packet_duration", U32, .unit = "microseconds", .line = "tx_packet_uS"),
		PLAIN("retrans_duration", U32, .unit = "microseconds", .line = "tx_retrans_uS"),
		PLAIN("channel", U32, .line = "tx_channel"),
		PLAIN("speed", U64, .unit = "bits per second", .line = "tx_speed"),
		PLAIN("power", U32, .unit = "milliwatts", .line = "tx_power_mW")));

ELEMENT(pdu_element, PLAIN("records", RECORDS));

STRUCTURE(extended_80211_aggregation, "extended_80211_aggregation", 0, 1016, 4,
	FIELDS(PLAIN("pdus", LIST, .of = &pdu_element)), SKIPPED);

#define DOT11(name, metric) COUNTER("dot11" name, U32, "frames", "dot11_" metric)

STRUCTURE(ieee80211_counters, "ieee80211_counters", 0, 6, 80,
	FIELDS(
		DOT11("TransmittedFragmentCount", "transmittedfragments"),
		DOT11("MulticastTransmittedFrameCount", "multicasttransmittedframes"),
		DOT11("FailedCount", "failed"),
		DOT11("RetryCount", "retries"),
		DOT11("MultipleRetryCount", "multipleretries"),
		DOT11("FrameDuplicateCount", "frameduplicates"),
		DOT11("RTSSuccessCount", "rtssuccess"),
		DOT11("RTSFailureCount", "rtsfailures"),
		DOT11("ACKFailureCount", "ackfailures"),
		DOT11("ReceivedFragmentCount", "receivedfragments"),
		DOT11("MulticastReceivedFrameCount", "multicastreceivedframes"),
		DOT11("FCSErrorCount", "fcserrors"),
		DOT11("TransmittedFrameCount", "transmittedframes"),
		DOT11("WEPUndecryptableCount", "wepundecryptables"),
		DOT11("QoSDiscardedFragmentCount", "qosdiscardedfragments"),
		GAUGE("dot11AssociatedStationCount", U32, "stations", "dot11_associatedstations"),
		DOT11("QoSCFPollsReceivedCount", "qoscfpollsreceived"),
		DOT11("QoSCFPollsUnusedCount", "qoscfpollsunused"),
		DOT11("QoSCFPollsUnusableCount", "qoscfpollsunusable"),
		DOT11("QoSCFPollsLostCount", "qoscfpollslost")));

STRUCTURE(radio_utilization, "radio_utilization", 0, 1002, 12,
	FIELDS(
		COUNTER("elapsed_time", U32, "milliseconds", "radio_elapsed_time"),
		COUNTER("on_channel_time", U32, "milliseconds", "radio_on_channel_time"),
		COUNTER("on_channel_busy_time", U32, "milliseconds",
			"radio_on_channel_busy_time")),
	.prefix = "radio_");
