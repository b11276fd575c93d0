-- SPDX-License-Identifier: BSD-3-Clause
-- What search.py has Pktgen do: it sends these lines to Pktgen's socket (-g), one connection for all
-- trials. They also work by hand: f = loadfile("trial.lua"); f(); weir_trial("0", 10, 5000)

-- Replay the capture of a port (-s PORT:FILE) at `rate` percent of its link for `ms`. One line of
-- what the NIC sent tells that it is over.
function weir_trial(port, rate, ms)
	local function counts()
		local ok, s = pcall(pktgen.portStats, port, "port")
		if not ok then
			s = pktgen.portStats(port) -- newer versions have but one kind
		end
		return s[tonumber(port)]
	end
	pktgen.stop(port)
	pktgen.pcap(port, "on")
	pktgen.set(port, "count", 0)
	pktgen.set(port, "rate", rate)
	pktgen.clr()
	pktgen.delay(500)
	local before = counts()
	pktgen.start(port)
	pktgen.delay(ms)
	pktgen.stop(port)
	pktgen.delay(1000) -- until what is on its way has come, and the counters are read again
	local after = counts()
	io.write(string.format("weir-trial packets=%d errors=%d\n", after.opackets - before.opackets,
		after.oerrors - before.oerrors))
	io.flush()
end
