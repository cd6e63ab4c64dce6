/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/rt_guard.c - preloaded library: counts what the audio thread does inside its     */
/* callback that it must not do: allocate, lock, or make a system call.                           */
/*                                                                                                */
/* Allocation and locking are counted by standing in front of the C library's functions. System   */
/* calls are counted by the kernel: at its first callback the audio thread gets a seccomp filter  */
/* that turns every call but those of the driver's own waiting into SIGSYS. The filter stays on   */
/* the thread, so the driver's waiting calls (futex, clock_nanosleep) are let through always.     */
/*                                                                                                */
/* RT_GUARD_PLANT=malloc, lock or syscall plants one offence in the 100th callback, to show that  */
/* it is caught. The counts are printed at exit: `rt_guard: callbacks N allocations N locks N     */
/* calls N`.                                                                                      */
#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

void ph_rt_guard_enter(void);
void ph_rt_guard_leave(void);

/* glibc's own names: the real functions without dlsym, which may itself allocate. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static _Atomic unsigned long n_callbacks, n_allocations, n_locks, n_calls;
static atomic_int last_call;
static void *_Atomic last_caller; /* return address on the stack of the C library's wrapper */
static __thread bool inside __attribute__((tls_model("initial-exec")));
static __thread bool filtered __attribute__((tls_model("initial-exec")));

void *malloc(size_t size)
{
    if (inside)
        n_allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    if (inside)
        n_allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    if (inside)
        n_allocations++;
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (inside)
        n_allocations++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (inside)
        n_allocations++;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void free(void *memory)
{
    if (inside && memory)
        n_allocations++;
    __libc_free(memory);
}

/* Stands in front of a pthread function; the real one is looked up once, before any callback. */
#define COUNT_LOCK(name, argument)                                                                 \
    static int (*real_##name)(argument *);                                                         \
    int name(argument *object)                                                                     \
    {                                                                                              \
        if (inside)                                                                                \
            n_locks++;                                                                             \
        if (!real_##name)                                                                          \
            *(void **)&real_##name = dlsym(RTLD_NEXT, #name);                                      \
        return real_##name(object);                                                                \
    }
COUNT_LOCK(pthread_mutex_lock, pthread_mutex_t)
COUNT_LOCK(pthread_mutex_trylock, pthread_mutex_t)
COUNT_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
COUNT_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
COUNT_LOCK(pthread_cond_signal, pthread_cond_t)
COUNT_LOCK(pthread_cond_broadcast, pthread_cond_t)

static void on_forbidden_call(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    /* the thread's end: JACK cancels it, and the C library's handler asks for its id */
    if (!inside)
        return;
    n_calls++;
    last_call = info->si_syscall;
#if defined(__x86_64__)
    last_caller = *(void **)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RSP];
#endif
}

static void filter_this_thread(void)
{
    struct sigaction action = { .sa_sigaction = on_forbidden_call, .sa_flags = SA_SIGINFO };
    sigaction(SIGSYS, &action, NULL);
#define ALLOW(number)                                                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                           \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_futex),           /* JACK's wait for the next cycle */
        ALLOW(SYS_clock_nanosleep), /* the dummy driver's wait */
        ALLOW(SYS_rt_sigreturn),    /* leaving on_forbidden_call */
        ALLOW(SYS_exit), ALLOW(SYS_exit_group), ALLOW(SYS_madvise), ALLOW(SYS_munmap),
        ALLOW(SYS_rt_sigprocmask), /* the thread's end */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP)
    };
#undef ALLOW
    const struct sock_fprog program = { sizeof code / sizeof code[0], code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
        fputs("rt_guard: no seccomp here, system calls are not counted\n", stderr);
}

static void plant(void)
{
    static const char *offence;
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    if (!offence)
        offence = getenv("RT_GUARD_PLANT");
    if (!offence || n_callbacks != 100)
        return;
    if (strcmp(offence, "malloc") == 0) {
        void *volatile memory = malloc(1);
        free(memory);
    } else if (strcmp(offence, "lock") == 0) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    } else if (strcmp(offence, "syscall") == 0) {
        (void)!getppid();
    }
}

void ph_rt_guard_enter(void)
{
    if (!filtered) {
        filtered = true;
        /* the thread's first allocation makes it an arena by system calls: before they are
         * forbidden, so that an allocation in the callback is counted and goes on */
        void *volatile first = malloc(1);
        free(first);
        filter_this_thread();
    }
    n_callbacks++;
    inside = true;
    plant();
}

void ph_rt_guard_leave(void)
{
    inside = false;
}

__attribute__((destructor)) static void print_counts(void)
{
    if (n_callbacks == 0)
        return;
    fprintf(stderr, "rt_guard: callbacks %lu allocations %lu locks %lu calls %lu\n", n_callbacks,
            n_allocations, n_locks, n_calls);
    Dl_info where = { 0 };
    if (n_calls && last_caller)
        dladdr(last_caller, &where);
    if (n_calls)
        fprintf(stderr, "rt_guard: last forbidden system call: number %d from %s of %s\n",
                last_call, where.dli_sname ? where.dli_sname : "?",
                where.dli_fname ? where.dli_fname : "?");
}
