/* SPDX-License-Identifier: BSD-3-Clause */
#include "service.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"

void service_ready(struct service *s, struct daemon *d)
{
	uint64_t now = base_clock_mono_ns(), us;

	s->d = d;
	s->watchdog_ns = sd_watchdog_enabled(0, &us) > 0 ? us * 1000 : 0;
	s->state = SERVICE_UNTOLD;
	watch_init(&s->watch, now);
	watch_add(&s->watch, &d->aggregate.beat, now, "aggregator");
	for (unsigned i = 0; i < d->rx_running; i++)
		watch_add(&s->watch, &d->rx[i]->tell.beat, now, "RX core of queue %u", i);
	sd_notify(0, "READY=1");
	service_tend(s);
}

/* Of finite sources. */
static void note_ends(struct service *s)
{
	for (unsigned i = 0; i < s->d->rx_running; i++)
		if (rx_flag(&s->d->rx[i]->tell.done))
			watch_end(&s->watch, &s->d->rx[i]->tell.beat);
}

/* When it changes. Redis may be away for long: that is no failure of the service. */
static void tell_state(struct service *s)
{
	const struct publish *publish = s->d->publish;
	const char *stuck = watch_stuck(&s->watch);
	enum service_state state = stuck                                    ? SERVICE_STUCK
				   : publish && !publish_connected(publish) ? SERVICE_AWAY
									    : SERVICE_FINE;
	unsigned queues = s->d->rx_running;

	if (state == s->state)
		return;
	s->state = state;
	if (stuck)
		sd_notifyf(0, "STATUS=the %s is stuck", stuck);
	else
		sd_notifyf(0, "STATUS=receiving on %u RX queue%s; %s", queues,
			queues == 1 ? "" : "s",
			state == SERVICE_AWAY ? "Redis is away"
			: publish             ? "publishing to Redis"
					      : "publishing nothing");
}

void service_tend(struct service *s)
{
	note_ends(s);
	if (watch_look(&s->watch, base_clock_mono_ns(), s->watchdog_ns))
		sd_notify(0, "WATCHDOG=1");
	tell_state(s);
}

void service_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, base_clock_mono_ns() / 1000);
}

void service_reloaded(struct service *s, bool taken)
{
	sd_notifyf(0, "READY=1%s",
		taken ? "" : "\nSTATUS=the configuration stays as it was: see the log");
	if (taken)
		s->state = SERVICE_UNTOLD; /* which takes back what was said of an earlier one */
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=publishing the last window");
}
