/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * Instructions of x86 that the code may use: BASE_MULQ, BASE_SSSE3, BASE_SSE4_1, BASE_AVX2. With -DWEIR_PLAIN there are
 * none, so that the plain C beside them, which is what other CPUs get, is compiled and tested here, too.
 */
#if defined(__x86_64__) && !defined(WEIR_PLAIN)
#define BASE_MULQ
#ifdef __SSSE3__
#define BASE_SSSE3
#endif
#ifdef __SSE4_1__
#define BASE_SSE4_1
#endif
#ifdef __AVX2__
#define BASE_AVX2
#endif
#endif
