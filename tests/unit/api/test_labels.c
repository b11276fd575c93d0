/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/labels.h"

/* "pod=POD,namespace=NAMESPACE", "service=SERVICE", or nothing; "pause" where it is one. */
static void want(const char *name, const char *text)
{
	struct labels_guest g;
	size_t len = strlen(name);
	char *copy = malloc(len ? len : 1); /* without a NUL: nothing behind it is read */
	char got[256] = "";

	memcpy(copy, name, len);
	labels_guest_parse(copy, len, &g);
	if (g.pause)
		snprintf(got, sizeof(got), "pause");
	else if (g.pod)
		snprintf(got, sizeof(got), "pod=%.*s,namespace=%.*s", (int)g.pod_len, g.pod,
			(int)g.namespace_len, g.namespace);
	else if (g.service)
		snprintf(got, sizeof(got), "service=%.*s", (int)g.service_len, g.service);
	assert_string_equal(got, text);
	free(copy);
}

static void test_pods(void **state)
{
	want("k8s_nginx_web-7d4f_default_0a1b2c3d-uid_0", "pod=web-7d4f,namespace=default");
	want("k8s_POD_web-7d4f_default_0a1b2c3d-uid_0", "pause");
	want("k8s_POD_web-7d4f_default", "");
	want("k8s_PODS_web_kube-system_uid_12", "pod=web,namespace=kube-system");
	want("k8s_", "");
	want("k8s_a_b_c_d", "");
	want("k8s_____", "pod=,namespace=");
	want("k8s", "");
}

static void test_services(void **state)
{
	want("apache.16.61n4xvpxhdrpvoluoaoxlyw6o", "service=apache");
	want("my.app.3.61n4xvpxhdrpvoluoaoxlyw6o", "service=my.app");
	want("apache.61n4xvpxhdrpvoluoaoxlyw6o", "");
	want("apache.16.61n4xvpxhdrpvoluoaoxlyw6", "");
	want("apache.16.61N4xvpxhdrpvoluoaoxlyw6o", "");
	want(".16.61n4xvpxhdrpvoluoaoxlyw6o", "");
	want("a.1.61n4xvpxhdrpvoluoaoxlyw6o", "service=a");
	want("web1", "");
	want("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pods),
		cmocka_unit_test(test_services),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
