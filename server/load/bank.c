/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/bank.c - samples in memory, and the loader thread that turns files to buffers.     */
/* room: the index, the state of each sound and the queue lie behind one mutex, which is never    */
/* held while a file or a folder is read. Uses are counted without it (link/use.h).               */
#include "server/load/bank.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/load/index.h"
#include "server/load/kit.h"
#include "server/load/watch.h"

enum {
    QUIET_MS = 100, /* without a change before folders are read again: files come in crowds */
    LATEST_MS = 1000
};

/** A buffer number and what is loaded there. */
struct slot {
    struct link_use use;
    struct link_use *use_list[1];
    struct link_uses uses; /* of this one alone */
    atomic_uint last_use;
    bool is_taken;
    struct load_source *owner; /* NULL: its file has changed or gone; it ends with its last use */
    uint32_t n_frames, n_channels;
    float note;
    uint64_t n_bytes;
};

struct load_bank {
    struct load_bank_config config; /* without the roots */
    char **roots;
    uint32_t n_roots;
    struct load_store store; /* changed by the loader alone */
    struct load_watch watch;
    uint64_t changed_ms, first_changed_ms; /* 0: folders are as they were read */
    atomic_uint revision, clock;
    bool is_full_said; /* the loader's */

    pthread_mutex_t lock;
    pthread_cond_t idle;
    int wake_fd; /* an eventfd: there is something for the loader */
    struct load_index *index;
    struct slot *slots; /* [n_buffers] */
    struct load_source *queue_first, *queue_last;
    uint32_t n_outstanding; /* queued or being read */
    uint64_t n_bytes;
    /* mentions: source->mentions[k] of the program
     * `mentioned[k]`; `now` is the k of the running one */
    uint64_t n_programs, mentioned[2];
    uint32_t now;
    bool has_thread, stop, trims;
    pthread_t thread;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void wake(struct load_bank *bank)
{
    const uint64_t one = 1;
    if (bank->has_thread && write(bank->wake_fd, &one, sizeof one) < 0) {
        /* the count is full: it is awake */
    }
}

static uint32_t tick(struct load_bank *bank)
{
    return atomic_fetch_add_explicit(&bank->clock, 1, memory_order_relaxed) + 1;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

uint32_t load_usual_roots(char **roots, uint32_t max)
{
    const char *const told = getenv("PHONON_SAMPLES"), *const home = getenv("HOME");
    const char *const data = getenv("XDG_DATA_HOME");
    char *paths[6] = { NULL };
    uint32_t n_paths = 0, n = 0;
    if (told) {
        paths[n_paths++] = strdup(told);
    } else {
        if (home)
            paths[n_paths++] = join(home, "Dirt-Samples");
        char *const share = data ? strdup(data) : home ? join(home, ".local/share") : NULL;
        if (share) {
            paths[n_paths++] = join(share, "Dirt-Samples");
            paths[n_paths++] = join(share, "SuperCollider/downloaded-quarks/Dirt-Samples");
        }
        paths[n_paths++] = strdup("/usr/share/sonic-pi/samples");
        free(share);
    }
    for (uint32_t i = 0; i < n_paths; i++) {
        struct stat info;
        if (n < max && paths[i] && stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode))
            roots[n++] = paths[i];
        else
            free(paths[i]);
    }
    return n;
}

/* ---- cache: all with the mutex held ---------------------------------------------------------- */

static bool is_mentioned(const struct load_bank *bank, const struct load_source *source)
{
    for (uint32_t k = 0; k < 2; k++)
        if (bank->mentioned[k] && source->mentions[k] == bank->mentioned[k])
            return true;
    return false;
}

/** Empties a slot that nobody uses; false when somebody does. */
static bool evict(struct load_bank *bank, struct slot *slot)
{
    struct dsp_buffer *const nothing = calloc(1, sizeof *nothing);
    if (!nothing || !link_use_end(&slot->use)) {
        free(nothing);
        return false;
    }
    if (slot->owner)
        slot->owner->slot = LOAD_NO_SLOT;
    slot->owner = NULL;
    slot->is_taken = false;
    bank->n_bytes -= slot->n_bytes;
    bank->config.loaded(bank->config.context,
                        bank->config.first_buffer + (uint32_t)(slot - bank->slots), nothing);
    return true;
}

/** What may go: what has no owner before what was not used for the longest time. NULL: nothing. */
static struct slot *least_needed(struct load_bank *bank, const struct slot *keep)
{
    const uint32_t now = atomic_load_explicit(&bank->clock, memory_order_relaxed);
    struct slot *found = NULL;
    uint32_t age = 0;
    for (uint32_t i = 0; i < bank->config.n_buffers; i++) {
        struct slot *const s = &bank->slots[i];
        if (!s->is_taken || s == keep || (uint32_t)atomic_load(&s->use.word) != 0 ||
            (s->owner && is_mentioned(bank, s->owner)))
            continue;
        const uint32_t own = s->owner ? now - atomic_load(&s->last_use) : UINT32_MAX;
        if (!found || own > age) {
            found = s;
            age = own;
        }
    }
    return found;
}

/** Frees samples until the data fits; those without an owner in any case. */
static void trim(struct load_bank *bank, const struct slot *keep)
{
    struct slot *slot;
    while ((slot = least_needed(bank, keep)) != NULL &&
           (!slot->owner || (bank->config.bytes_max && bank->n_bytes > bank->config.bytes_max)))
        if (!evict(bank, slot))
            break; /* somebody was faster: next time */
}

/** An empty slot, for which another sample may have to go; NULL when all are needed. */
static struct slot *take_slot(struct load_bank *bank)
{
    struct slot *slot = NULL;
    for (uint32_t i = 0; i < bank->config.n_buffers && !slot; i++)
        if (!bank->slots[i].is_taken)
            slot = &bank->slots[i];
    if (!slot && (slot = least_needed(bank, NULL)) != NULL && !evict(bank, slot))
        slot = NULL;
    if (slot)
        slot->is_taken = true;
    return slot;
}

/** A source lets go of its slot, which is emptied when nobody uses it any more. */
static void disown(struct load_bank *bank, struct load_source *source)
{
    if (source->slot == LOAD_NO_SLOT)
        return;
    bank->slots[source->slot].owner = NULL;
    source->slot = LOAD_NO_SLOT;
    atomic_fetch_add(&bank->revision, 1);
}

/* ---- loading --------------------------------------------------------------------------------- */

static ph_status read_source(const struct load_bank *bank, const struct load_source *source,
                             struct dsp_buffer *out, char *error)
{
    if (source->path)
        return load_file(source->path, bank->config.rate_hz, 0, 0, out, error);
    snprintf(error, LOAD_ERROR_BYTES, "out of memory");
    return load_kit_render(source->kit_word, source->kit_variant, bank->config.rate_hz, out);
}

/** A slot for a buffer, counted in; NULL when all are taken. */
static struct slot *reserve(struct load_bank *bank, const struct dsp_buffer *buffer)
{
    pthread_mutex_lock(&bank->lock);
    struct slot *const slot = take_slot(bank);
    if (slot) {
        slot->owner = NULL;
        slot->n_frames = buffer->n_frames;
        slot->n_channels = buffer->n_channels;
        slot->note = buffer->note;
        slot->n_bytes = (uint64_t)buffer->n_frames * buffer->n_channels * sizeof *buffer->data;
        bank->n_bytes += slot->n_bytes;
        atomic_store(&slot->last_use, tick(bank));
        trim(bank, slot);
    }
    pthread_mutex_unlock(&bank->lock);
    return slot;
}

static void say(const struct load_source *source, const char *what)
{
    fprintf(stderr, "sample %s: %s\n",
            source->path ? source->path : load_kit_word(source->kit_word), what);
}

/**
 * Reads a sound and hands it over. What can't be read is said once, in one line, and is bad from
 * then on; where only a buffer lacks, the next request tries again.
 * @return NULL on failure
 */
static struct slot *load_one(struct load_bank *bank, const struct load_source *source, bool *is_bad)
{
    char error[LOAD_ERROR_BYTES] = "";
    struct slot *slot = NULL;
    struct dsp_buffer *const buffer = calloc(1, sizeof *buffer);
    const ph_status status = buffer ? read_source(bank, source, buffer, error) : PH_NO_MEMORY;
    *is_bad = status != PH_OK;
    if (status != PH_OK)
        say(source, error[0] ? error : ph_status_text(status));
    else if (!(slot = reserve(bank, buffer)) && !bank->is_full_said)
        say(source, "all sample buffers are in use");
    bank->is_full_said |= status == PH_OK && !slot;
    if (!slot) {
        load_buffer_finish(buffer);
        free(buffer);
        return NULL;
    }
    bank->config.loaded(bank->config.context,
                        bank->config.first_buffer + (uint32_t)(slot - bank->slots), buffer);
    return slot;
}

/** Takes the oldest request and loads it. Called and left with the mutex held. */
static void load_next(struct load_bank *bank)
{
    struct load_source *const source = bank->queue_first;
    bank->queue_first = source->next_queued;
    if (!bank->queue_first)
        bank->queue_last = NULL;
    pthread_mutex_unlock(&bank->lock);
    bool is_bad;
    struct slot *const slot = load_one(bank, source, &is_bad);
    pthread_mutex_lock(&bank->lock);
    source->is_queued = false;
    source->is_bad = is_bad;
    if (slot) {
        disown(bank, source); /* it may have been loaded before its file changed */
        slot->owner = source;
        source->slot = (int32_t)(slot - bank->slots);
    }
    if (--bank->n_outstanding == 0)
        pthread_cond_broadcast(&bank->idle);
}

/** Puts a sound into the queue unless it waits there. With the mutex held. */
static void enqueue(struct load_bank *bank, struct load_source *source)
{
    if (source->is_queued)
        return;
    source->is_queued = true;
    source->next_queued = NULL;
    if (bank->queue_last)
        bank->queue_last->next_queued = source;
    else
        bank->queue_first = source;
    bank->queue_last = source;
    bank->n_outstanding++;
    wake(bank);
}

/** Asks for a sound that isn't there. With the mutex held. */
static void request(struct load_bank *bank, struct load_source *source)
{
    if (source->slot != LOAD_NO_SLOT)
        atomic_store(&bank->slots[source->slot].last_use, tick(bank));
    else if (!source->is_bad)
        enqueue(bank, source);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void watch_folder(void *context, const char *path)
{
    load_watch_folder(&((struct load_bank *)context)->watch, path);
}

static ph_status scan(struct load_bank *bank, struct load_index **out)
{
    const struct load_scan asked = { .roots = (const char *const *)bank->roots,
                                     .n_roots = bank->n_roots, .folder = watch_folder,
                                     .context = bank };
    return load_index_new(&asked, &bank->store, out);
}

static void forget_if_gone(void *context, struct load_source *source)
{
    struct load_bank *const bank = context;
    if (source->scan != bank->store.scan)
        disown(bank, source);
}

/** Reads the folders again. What is loaded and still there stays as it is. */
static void rescan(struct load_bank *bank)
{
    struct load_index *index;
    bank->changed_ms = 0;
    if (scan(bank, &index) != PH_OK)
        return;
    pthread_mutex_lock(&bank->lock);
    struct load_index *const old = bank->index;
    bank->index = index;
    load_store_each(&bank->store, forget_if_gone, bank);
    atomic_fetch_add(&bank->revision, 1);
    trim(bank, NULL);
    pthread_mutex_unlock(&bank->lock);
    load_index_free(old);
}

/** A file has other contents than before: it is read again where it was loaded. */
static void on_changed(void *context, const char *path)
{
    struct load_bank *const bank = context;
    struct load_source *const source = load_store_find(&bank->store, path);
    if (!source)
        return;
    pthread_mutex_lock(&bank->lock);
    source->is_bad = false;
    if (source->slot != LOAD_NO_SLOT || is_mentioned(bank, source))
        enqueue(bank, source);
    pthread_mutex_unlock(&bank->lock);
}

/** Milliseconds until the folders are to be read again; -1: they needn't be. */
static int until_rescan(const struct load_bank *bank)
{
    if (bank->changed_ms == 0)
        return -1;
    const uint64_t quiet = bank->changed_ms + QUIET_MS, latest = bank->first_changed_ms + LATEST_MS;
    const uint64_t due = quiet < latest ? quiet : latest, now = now_ms();
    return now >= due ? 0 : (int)(due - now);
}

/** Waits for something to do, unless there is, and follows the folders. */
static void look_around(struct load_bank *bank, bool is_busy)
{
    struct pollfd fds[] = { { .fd = bank->wake_fd, .events = POLLIN },
                            { .fd = bank->watch.fd, .events = POLLIN } };
    uint64_t count;
    poll(fds, 2, is_busy ? 0 : until_rescan(bank));
    if (fds[0].revents && read(bank->wake_fd, &count, sizeof count) < 0) {
        /* it was read before */
    }
    if (fds[1].revents && load_watch_read(&bank->watch, on_changed, bank)) {
        const bool is_first = bank->changed_ms == 0;
        bank->changed_ms = now_ms();
        if (is_first)
            bank->first_changed_ms = bank->changed_ms;
    }
    if (until_rescan(bank) == 0)
        rescan(bank);
}

static void *loader_main(void *context)
{
    struct load_bank *const bank = context;
    pthread_mutex_lock(&bank->lock);
    while (!bank->stop) {
        if (bank->queue_first)
            load_next(bank);
        if (bank->trims)
            trim(bank, NULL);
        bank->trims = false;
        const bool is_busy = bank->queue_first != NULL;
        pthread_mutex_unlock(&bank->lock);
        look_around(bank, is_busy);
        pthread_mutex_lock(&bank->lock);
    }
    pthread_mutex_unlock(&bank->lock);
    return NULL;
}

/* ---- start and stop -------------------------------------------------------------------------- */

/** Own copies of the roots, and the slots. */
static ph_status allocate(struct load_bank *bank, const struct load_bank_config *config)
{
    bank->roots = calloc(config->n_roots + 1, sizeof *bank->roots);
    bank->slots = calloc((size_t)config->n_buffers + 1, sizeof *bank->slots);
    if (!bank->roots || !bank->slots)
        return PH_NO_MEMORY;
    for (uint32_t i = 0; i < config->n_roots; i++) {
        bank->roots[i] = strdup(config->roots[i]);
        if (!bank->roots[i])
            return PH_NO_MEMORY;
        bank->n_roots++;
    }
    for (uint32_t i = 0; i < config->n_buffers; i++) {
        struct slot *const slot = &bank->slots[i];
        slot->use_list[0] = &slot->use;
        slot->uses = (struct link_uses){ .n = 1, .list = slot->use_list };
    }
    return PH_OK;
}

ph_status load_bank_new(const struct load_bank_config *config, struct load_bank **out)
{
    struct load_bank *const bank = calloc(1, sizeof *bank);
    *out = NULL;
    if (!bank)
        return PH_NO_MEMORY;
    bank->config = *config;
    bank->config.roots = NULL;
    bank->watch.fd = bank->wake_fd = -1;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&bank->lock, NULL);
    pthread_cond_init(&bank->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    ph_status status = allocate(bank, config);
    if (status == PH_OK) {
        load_watch_init(&bank->watch); /* before the folders are read, so that nothing is missed */
        status = scan(bank, &bank->index);
    }
    if (status != PH_OK) {
        load_bank_free(bank);
        return status;
    }
    *out = bank;
    return PH_OK;
}

void load_bank_free(struct load_bank *bank)
{
    if (!bank)
        return;
    if (bank->has_thread) {
        pthread_mutex_lock(&bank->lock);
        bank->stop = true;
        wake(bank);
        pthread_mutex_unlock(&bank->lock);
        pthread_join(bank->thread, NULL);
    }
    if (bank->wake_fd >= 0)
        close(bank->wake_fd);
    load_watch_finish(&bank->watch);
    load_index_free(bank->index);
    load_store_finish(&bank->store);
    for (uint32_t i = 0; i < bank->n_roots; i++)
        free(bank->roots[i]);
    free(bank->roots);
    free(bank->slots);
    pthread_cond_destroy(&bank->idle);
    pthread_mutex_destroy(&bank->lock);
    free(bank);
}

ph_status load_bank_start(struct load_bank *bank)
{
    bank->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bank->wake_fd < 0)
        return PH_IO;
    if (pthread_create(&bank->thread, NULL, loader_main, bank) != 0)
        return PH_NO_MEMORY;
    bank->has_thread = true;
    wake(bank); /* there may be requests */
    return PH_OK;
}

/* ---- questions ------------------------------------------------------------------------------- */

bool load_bank_has(struct load_bank *bank, const char *word)
{
    pthread_mutex_lock(&bank->lock);
    const bool found = load_index_find(bank->index, word, 0) != NULL;
    pthread_mutex_unlock(&bank->lock);
    return found;
}

void load_bank_request(struct load_bank *bank, const char *word, int64_t index)
{
    pthread_mutex_lock(&bank->lock);
    struct load_source *const source = load_index_find(bank->index, word, index);
    if (source)
        request(bank, source);
    pthread_mutex_unlock(&bank->lock);
}

bool load_bank_wait(struct load_bank *bank, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&bank->lock);
    int wrong = 0;
    while (bank->n_outstanding > 0 && wrong != ETIMEDOUT) {
        if (bank->has_thread)
            wrong = pthread_cond_timedwait(&bank->idle, &bank->lock, &until);
        else
            load_next(bank);
    }
    const bool is_idle = bank->n_outstanding == 0;
    pthread_mutex_unlock(&bank->lock);
    return is_idle;
}

/* ---- programs -------------------------------------------------------------------------------- */

void load_bank_program_begin(struct load_bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    bank->mentioned[1 - bank->now] = ++bank->n_programs;
    pthread_mutex_unlock(&bank->lock);
}

void load_bank_mention(struct load_bank *bank, const char *word, int64_t index)
{
    pthread_mutex_lock(&bank->lock);
    struct load_source *const source = load_index_find(bank->index, word, index);
    if (source) {
        source->mentions[1 - bank->now] = bank->mentioned[1 - bank->now];
        request(bank, source);
    }
    pthread_mutex_unlock(&bank->lock);
}

void load_bank_program_commit(struct load_bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    bank->now = 1 - bank->now;
    bank->trims = true;
    wake(bank);
    pthread_mutex_unlock(&bank->lock);
}

/* ---- samples --------------------------------------------------------------------------------- */

bool load_bank_find(struct load_bank *bank, const char *word, int64_t index, struct load_sample *out)
{
    pthread_mutex_lock(&bank->lock);
    struct load_source *const source = load_index_find(bank->index, word, index);
    if (source)
        request(bank, source);
    while (source && !bank->has_thread && source->is_queued)
        load_next(bank);
    const bool is_there = source && source->slot != LOAD_NO_SLOT;
    if (is_there) {
        const struct slot *const slot = &bank->slots[source->slot];
        *out = (struct load_sample){ bank->config.first_buffer + (uint32_t)source->slot,
                                     slot->n_frames, slot->n_channels,
                                     link_use_edition(&slot->use), slot->note };
    }
    pthread_mutex_unlock(&bank->lock);
    return is_there;
}

uint32_t load_bank_revision(const struct load_bank *bank)
{
    return atomic_load_explicit(&bank->revision, memory_order_acquire);
}

static struct slot *slot_of(struct load_bank *bank, const struct load_sample *sample)
{
    return &bank->slots[sample->buffer_number - bank->config.first_buffer];
}

struct link_uses *load_bank_use(struct load_bank *bank, const struct load_sample *sample)
{
    struct slot *const slot = slot_of(bank, sample);
    if (!link_use_take(&slot->use, sample->edition))
        return NULL;
    atomic_store_explicit(&slot->last_use, tick(bank), memory_order_relaxed);
    return &slot->uses;
}

ph_status load_bank_use_all(struct load_bank *bank, const struct load_sample *samples, uint32_t n,
                            struct link_uses **out)
{
    *out = NULL;
    if (n == 0)
        return PH_OK;
    struct link_use **list;
    struct link_uses *const uses = malloc(sizeof *uses + n * sizeof *list);
    if (!uses)
        return PH_NO_MEMORY;
    list = (struct link_use **)(uses + 1);
    *uses = (struct link_uses){ .is_allocated = true, .list = list };
    for (uint32_t i = 0; i < n; i++) {
        struct slot *const slot = slot_of(bank, &samples[i]);
        if (!load_bank_use(bank, &samples[i])) {
            link_uses_release(uses);
            return PH_NOT_FOUND;
        }
        list[uses->n++] = &slot->use;
    }
    *out = uses;
    return PH_OK;
}

bool load_bank_nearest(struct load_bank *bank, const char *word, char out[LOAD_WORD_BYTES])
{
    pthread_mutex_lock(&bank->lock);
    const char *const nearest = load_index_nearest(bank->index, word);
    if (nearest)
        snprintf(out, LOAD_WORD_BYTES, "%s", nearest);
    pthread_mutex_unlock(&bank->lock);
    return nearest != NULL;
}

uint64_t load_bank_bytes(struct load_bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    const uint64_t n = bank->n_bytes;
    pthread_mutex_unlock(&bank->lock);
    return n;
}
