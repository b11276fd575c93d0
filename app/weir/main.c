/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "api/api.h"
#include "base/clock.h"
#include "daemon.h"
#include "logs.h"
#include "options.h"
#include "privileges.h"
#include "reload.h"
#include "service.h"
#include "summary.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILURE_RUNNING = 1,
	EXIT_USAGE = 2,
	MAIN_NAP_MS = 5, /* with a finite source: how soon its end is noticed */
	MAIN_TEND_MS = 1000,
};

/* Signals of the run; blocked in all threads, taken in wait_for_end(). */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void reload(struct service *service)
{
	struct conf_error e; /* the log has it, too */

	service_reloading();
	service_reloaded(service, reload_now(&service->d->reload, &e) == 0);
}

static void wait_for_end(struct daemon *d, struct service *service, const sigset_t *set)
{
	const struct options *o = d->options;
	bool finite = !o->live && o->replay == PORTS_ONCE;
	uint64_t start = base_clock_mono_ns(), tended = start;
	const struct timespec nap = {
		.tv_nsec = (finite || o->duration > 0 ? MAIN_NAP_MS : 200) * 1000000L};

	for (int sig; (sig = sigtimedwait(set, NULL, &nap)) < 0 || sig == SIGHUP;) {
		uint64_t now = base_clock_mono_ns();

		if (sig == SIGHUP)
			reload(service);
		service_tend(service);
		if (finite && daemon_done(d))
			return;
		if (o->duration > 0 && (double)(now - start) / 1e9 >= o->duration)
			return;
		if (now - tended > MAIN_TEND_MS * UINT64_C(1000000)) {
			daemon_tend(d);
			tended = now;
		}
	}
}

static int run(const struct options *o)
{
	struct conf_error e = {.text = ""};
	struct service service;
	struct daemon d;
	sigset_t set;
	int err;

	block_signals(&set);
	err = daemon_open(&d, o, &e);
	if (err == 0)
		err = daemon_launch(&d, &e);
	if (err < 0) {
		fprintf(stderr, "weir: %s\n", e.text);
	} else {
		service_ready(&service, &d);
		wait_for_end(&d, &service, &set);
	}
	service_stopping();
	daemon_stop(&d);
	if (err == 0 && (!o->live || o->summary))
		err = summary_print(&d, stdout);
	if (err == 0 && !o->live && !d.published)
		err = -ENOTCONN;
	daemon_free(&d);
	if (err == -EINVAL)
		return EXIT_USAGE; /* settings that this machine cannot meet */
	return err < 0 ? EXIT_FAILURE_RUNNING : EXIT_DONE;
}

static int refuse(const struct conf_error *e)
{
	fprintf(stderr, "weir: %s\n", e->text);
	return EXIT_USAGE;
}

static int check(const struct options *o)
{
	struct conf_error e;

	if (privileges_assume(&o->conf, &e) < 0 || options_check_start(o, &e) < 0)
		return refuse(&e);
	return EXIT_DONE;
}

static int clean(const struct options *o)
{
	struct conf_error e;

	if (ports_clean(&o->conf, &e) == 0)
		return EXIT_DONE;
	fprintf(stderr, "weir: %s\n", e.text);
	return EXIT_FAILURE_RUNNING;
}

static int carry_out(struct options *o)
{
	struct conf_error e;
	struct flow_plan *plan = options_check(o, &e);
	int code = EXIT_DONE;

	if (!plan)
		return refuse(&e);
	flow_plan_free(plan);
	if (o->task == OPTIONS_RUN)
		code = run(o);
	else if (o->task == OPTIONS_CHECK)
		code = check(o);
	else if (o->task == OPTIONS_CLEAN)
		code = clean(o);
	else if (o->task == OPTIONS_PRINT_API)
		api_print_document(stdout);
	else if (o->task == OPTIONS_PRINT_CONFIG)
		conf_print(&o->conf, stdout);
	else if (o->task == OPTIONS_PRINT_REFERENCE)
		conf_print_reference(stdout);
	else if (o->task == OPTIONS_PRINT_KEYS)
		options_print_keys(stdout);
	else if (o->task == OPTIONS_PRINT_METRICS && options_print_metrics(stdout) < 0)
		code = EXIT_FAILURE;
	return code;
}

int main(int argc, char **argv)
{
	struct conf_error e;
	struct options o;
	char **words = options_take_arguments(argc, argv);
	int code = EXIT_DONE;

	logs_use("auto");
	if (options_read(&o, argc, words, &e) < 0)
		code = refuse(&e);
	else if (o.task != OPTIONS_DONE)
		code = carry_out(&o);
	options_free(&o);
	free(words);
	return code;
}
