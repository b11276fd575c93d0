/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

/*
 * Threads that do a piece of work together, each a part of it.
 *
 * Ordering: all that any member did before a run's end happens before base_team_run() returns, and all
 * that its caller did before happens before any member begins. Members sleep in between, and the caller
 * while it waits for the others: nobody spins.
 */
struct base_team;

/* @param member  0 to members - 1: whose part it is */
typedef void base_team_job(void *arg, unsigned member);

/** @param members  with the one who calls base_team_run(), at least 1. @return NULL: out of memory */
struct base_team *base_team_create(unsigned members);

/** After base_team_end(), when all members have left; NULL is fine. */
void base_team_destroy(struct base_team *t);

/** How many there are; 1 of NULL. */
unsigned base_team_members(const struct base_team *t);

/**
 * Have each member do its part, the caller that of member 0; they all must be in base_team_serve(), or on
 * their way. One thread at a time. @param t  NULL: there is nobody but the caller
 */
void base_team_run(struct base_team *t, base_team_job *job, void *arg);

/** Do the parts of a member, 1 or above, until base_team_end(). A thread for each member. */
void base_team_serve(struct base_team *t, unsigned member);

/** Let all members go. Any thread, outside of base_team_run(); NULL is fine. */
void base_team_end(struct base_team *t);
