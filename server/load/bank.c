/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/bank.c - index of sample folders, and the loader thread that turns files to buffers. */
/* room: the index never changes after load_bank_new() and is read without a lock; the state of   */
/* each sample and the queue lie behind one mutex, which is never held while a file is read.      */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "server/load/bank.h"
#include "server/load/kit.h"

enum {
    WORDS_MAX = 65536,
    SAMPLES_MAX = 1 << 20,
    NEAREST_MAX = 2 /* edits */
};

enum state { UNLOADED, QUEUED, READY, BAD };

/** One sound: a file, or (path NULL) a variant of a kit word. */
struct sample {
    char *path;
    uint32_t kit_word, kit_variant;
    enum state state;          /* behind the mutex, as all below */
    struct load_sample loaded; /* valid when READY */
    struct sample *next_queued;
};

struct word {
    char *name;
    uint32_t order; /* of discovery: of equal names the first counts */
    uint32_t n_samples, space;
    struct sample **samples;
};

struct load_bank {
    struct load_bank_config config; /* without the roots */
    struct word *words;             /* sorted by name */
    uint32_t n_words, words_space;
    struct sample **samples; /* all of them, each once */
    uint32_t n_samples, samples_space;

    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    struct sample *queue_first, *queue_last;
    uint32_t n_outstanding; /* queued or being read */
    uint32_t n_buffers_used;
    uint64_t n_bytes;
    bool has_thread, stop;
    pthread_t thread;
};

/* ---- index ----------------------------------------------------------------------------------- */

/** Makes room for one more element; false when there is no memory or the limit is reached. */
static bool grow(void **array, uint32_t n, uint32_t *space, uint32_t limit, size_t bytes)
{
    if (n < *space)
        return true;
    if (n >= limit)
        return false;
    const uint32_t more = *space ? *space * 2 : 8;
    void *const p = realloc(*array, more * bytes);
    if (!p)
        return false;
    *array = p;
    *space = more;
    return true;
}

/** Adds an empty word; NULL when the index is full. */
static struct word *add_word(struct load_bank *bank, const char *name, size_t length)
{
    if (!grow((void **)&bank->words, bank->n_words, &bank->words_space, WORDS_MAX, sizeof *bank->words))
        return NULL;
    char *const copy = strndup(name, length);
    if (!copy)
        return NULL;
    struct word *const word = &bank->words[bank->n_words];
    *word = (struct word){ .name = copy, .order = bank->n_words };
    bank->n_words++;
    return word;
}

/** Makes a sample; takes `path`. */
static struct sample *add_sample(struct load_bank *bank, char *path)
{
    struct sample *const sample = calloc(1, sizeof *sample);
    if (!sample || !grow((void **)&bank->samples, bank->n_samples, &bank->samples_space, SAMPLES_MAX,
                         sizeof *bank->samples)) {
        free(sample);
        free(path);
        return NULL;
    }
    sample->path = path;
    bank->samples[bank->n_samples++] = sample;
    return sample;
}

static void append(struct word *word, struct sample *sample)
{
    if (word && sample &&
        grow((void **)&word->samples, word->n_samples, &word->space, SAMPLES_MAX, sizeof *word->samples))
        word->samples[word->n_samples++] = sample;
}

/** Length of a sound file's name without its extension; 0 when it is no sound file. */
static size_t sound_stem(const char *name)
{
    static const char *const extensions[] = { "wav", "aif", "aiff", "aifc", "flac", "ogg", "mp3" };
    const char *const dot = strrchr(name, '.');
    if (!dot || dot == name)
        return 0;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0)
            return (size_t)(dot - name);
    return 0;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that depends on the locale */
}

static void free_list(struct dirent **list, int n)
{
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

/** A folder is a word, its sound files are that word's samples. */
static void index_folder(struct load_bank *bank, const char *path, const char *name)
{
    struct dirent **list = NULL;
    const int n = scandir(path, &list, is_visible, by_bytes);
    struct word *word = NULL;
    for (int i = 0; i < n; i++) {
        if (sound_stem(list[i]->d_name) == 0)
            continue;
        if (!word)
            word = add_word(bank, name, strlen(name));
        char *const file = word ? join(path, list[i]->d_name) : NULL;
        if (file)
            append(word, add_sample(bank, file));
    }
    if (n >= 0)
        free_list(list, n);
}

/** Words that gather files of Sonic Pi's flat folder, in this order of preference. */
static const struct {
    const char *word;
    const char *patterns[5];
} gathered[] = {
    { "bd", { "bd_haus", "drum_heavy_kick", "drum_bass_hard", "drum_bass_soft", "bd_*" } },
    { "sn", { "drum_snare_hard", "drum_snare_soft", "sn_*" } },
    { "hh", { "drum_cymbal_closed", "hat_*", "drum_cymbal_pedal" } },
    { "oh", { "drum_cymbal_open" } },
    { "cp", { "clap_*" } },
    { "ride", { "ride_*", "drum_cymbal_soft" } },
    { "cr", { "drum_cymbal_hard", "drum_splash_*" } },
    { "lt", { "drum_tom_lo_*" } },
    { "mt", { "drum_tom_mid_*" } },
    { "ht", { "drum_tom_hi_*" } },
    { "cb", { "drum_cowbell" } },
    { "808bd", { "bd_808" } },
};

/** A sound file that lies flat in a root. */
struct flat {
    char *stem;
    struct sample *sample;
};

static void gather(struct load_bank *bank, const char *name, const char *const *patterns,
                   uint32_t n_patterns, const struct flat *flats, uint32_t n_flats)
{
    struct word *word = NULL;
    for (uint32_t p = 0; p < n_patterns && patterns[p]; p++)
        for (uint32_t i = 0; i < n_flats; i++) {
            if (fnmatch(patterns[p], flats[i].stem, 0) != 0)
                continue;
            bool is_there = false;
            for (uint32_t k = 0; word && k < word->n_samples; k++)
                is_there |= word->samples[k] == flats[i].sample;
            if (!word)
                word = add_word(bank, name, strlen(name));
            if (!is_there)
                append(word, flats[i].sample);
        }
}

/** Each flat file is a word; so is what stands before a `_`, for all files that begin with it. */
static void index_flats(struct load_bank *bank, const struct flat *flats, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        append(add_word(bank, flats[i].stem, strlen(flats[i].stem)), flats[i].sample);
    for (size_t i = 0; i < sizeof gathered / sizeof *gathered; i++)
        gather(bank, gathered[i].word, gathered[i].patterns, 5, flats, n);
    struct word *word = NULL;
    for (uint32_t i = 0; i < n; i++) { /* sorted: files of one prefix are neighbours */
        const size_t length = strcspn(flats[i].stem, "_");
        if (flats[i].stem[length] == 0)
            continue;
        if (!word || strlen(word->name) != length || memcmp(word->name, flats[i].stem, length) != 0)
            word = add_word(bank, flats[i].stem, length);
        append(word, flats[i].sample);
    }
}

static void index_root(struct load_bank *bank, const char *root)
{
    struct dirent **list = NULL;
    const int n = scandir(root, &list, is_visible, by_bytes);
    if (n < 0)
        return;
    struct flat *const flats = calloc((size_t)n + 1, sizeof *flats);
    uint32_t n_flats = 0;
    for (int i = 0; i < n; i++) {
        char *const path = join(root, list[i]->d_name);
        struct stat info;
        if (!path || stat(path, &info) != 0) {
            free(path);
            continue;
        }
        const size_t stem = sound_stem(list[i]->d_name);
        if (S_ISDIR(info.st_mode)) {
            index_folder(bank, path, list[i]->d_name);
        } else if (flats && stem > 0) {
            list[i]->d_name[stem] = 0;
            struct sample *const sample = add_sample(bank, path);
            if (sample)
                flats[n_flats++] = (struct flat){ list[i]->d_name, sample };
            continue; /* the sample has the path */
        }
        free(path);
    }
    if (flats)
        index_flats(bank, flats, n_flats);
    free(flats);
    free_list(list, n);
}

static void index_kit(struct load_bank *bank)
{
    for (uint32_t i = 0; i < load_kit_n_words(); i++) {
        struct word *const word = add_word(bank, load_kit_word(i), strlen(load_kit_word(i)));
        for (uint32_t v = 0; word && v < load_kit_n_variants(i); v++) {
            struct sample *const sample = add_sample(bank, NULL);
            if (sample) {
                sample->kit_word = i;
                sample->kit_variant = v;
            }
            append(word, sample);
        }
    }
}

static int by_name_and_order(const void *a, const void *b)
{
    const struct word *const x = a, *const y = b;
    const int names = strcmp(x->name, y->name);
    return names ? names : x->order < y->order ? -1 : x->order > y->order;
}

/** Sorts the words; of equal names the one found first stays. */
static void sort_words(struct load_bank *bank)
{
    uint32_t n = 0;
    if (bank->n_words > 0)
        qsort(bank->words, bank->n_words, sizeof *bank->words, by_name_and_order);
    for (uint32_t i = 0; i < bank->n_words; i++) {
        struct word *const word = &bank->words[i];
        if (word->n_samples == 0 || (n > 0 && strcmp(bank->words[n - 1].name, word->name) == 0)) {
            free(word->name);
            free(word->samples);
        } else {
            bank->words[n++] = *word;
        }
    }
    bank->n_words = n;
}

static int by_name(const void *key, const void *element)
{
    return strcmp(key, ((const struct word *)element)->name);
}

static struct sample *find_sample(const struct load_bank *bank, const char *name, int64_t index)
{
    const struct word *const word =
        bank->n_words ? bsearch(name, bank->words, bank->n_words, sizeof *bank->words, by_name) : NULL;
    if (!word)
        return NULL;
    const int64_t i = index % word->n_samples;
    return word->samples[i < 0 ? i + word->n_samples : i];
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

/* ---- loading --------------------------------------------------------------------------------- */

static ph_status read_sample(const struct load_bank *bank, const struct sample *sample,
                             struct dsp_buffer *out, char *error)
{
    if (sample->path)
        return load_file(sample->path, bank->config.rate_hz, 0, 0, out, error);
    snprintf(error, LOAD_ERROR_BYTES, "out of memory");
    return load_kit_render(sample->kit_word, sample->kit_variant, bank->config.rate_hz, out);
}

/** A number for a loaded buffer; false when all are taken. */
static bool take_number(struct load_bank *bank, uint32_t *number)
{
    pthread_mutex_lock(&bank->lock);
    const bool is_room = bank->n_buffers_used < bank->config.n_buffers;
    if (is_room)
        *number = bank->config.first_buffer + bank->n_buffers_used++;
    pthread_mutex_unlock(&bank->lock);
    return is_room;
}

/** Reads a sample and hands it over; on failure says so, once, in one line. */
static bool load_one(struct load_bank *bank, const struct sample *sample, struct load_sample *loaded,
                     uint64_t *n_bytes)
{
    char error[LOAD_ERROR_BYTES] = "";
    struct dsp_buffer *const buffer = calloc(1, sizeof *buffer);
    ph_status status = buffer ? read_sample(bank, sample, buffer, error) : PH_NO_MEMORY;
    if (status == PH_OK && !take_number(bank, &loaded->buffer_number)) {
        status = PH_FULL;
        snprintf(error, sizeof error, "all %u sample buffers are in use", bank->config.n_buffers);
    }
    if (status != PH_OK) {
        const char *const name = sample->path ? sample->path : load_kit_word(sample->kit_word);
        fprintf(stderr, "sample %s: %s\n", name, error[0] ? error : ph_status_text(status));
        load_buffer_finish(buffer);
        free(buffer);
        return false;
    }
    loaded->n_frames = buffer->n_frames;
    loaded->n_channels = buffer->n_channels;
    *n_bytes = (uint64_t)buffer->n_frames * buffer->n_channels * sizeof *buffer->data;
    bank->config.loaded(bank->config.context, loaded->buffer_number, buffer);
    return true;
}

/** Takes the oldest request and loads it. Called and left with the mutex held. */
static void load_next(struct load_bank *bank)
{
    struct sample *const sample = bank->queue_first;
    bank->queue_first = sample->next_queued;
    if (!bank->queue_first)
        bank->queue_last = NULL;
    pthread_mutex_unlock(&bank->lock);
    struct load_sample loaded = { 0 };
    uint64_t n_bytes = 0;
    const bool is_ready = load_one(bank, sample, &loaded, &n_bytes);
    pthread_mutex_lock(&bank->lock);
    sample->state = is_ready ? READY : BAD;
    sample->loaded = loaded;
    bank->n_bytes += n_bytes;
    if (--bank->n_outstanding == 0)
        pthread_cond_broadcast(&bank->idle);
}

static void *loader_main(void *context)
{
    struct load_bank *const bank = context;
    pthread_mutex_lock(&bank->lock);
    while (!bank->stop) {
        if (bank->queue_first)
            load_next(bank);
        else
            pthread_cond_wait(&bank->work, &bank->lock);
    }
    pthread_mutex_unlock(&bank->lock);
    return NULL;
}

/** Puts a sample into the queue unless it was there before. With the mutex held. */
static void enqueue(struct load_bank *bank, struct sample *sample)
{
    if (sample->state != UNLOADED)
        return;
    sample->state = QUEUED;
    sample->next_queued = NULL;
    if (bank->queue_last)
        bank->queue_last->next_queued = sample;
    else
        bank->queue_first = sample;
    bank->queue_last = sample;
    bank->n_outstanding++;
    pthread_cond_signal(&bank->work);
}

/* ---- interface ------------------------------------------------------------------------------- */

ph_status load_bank_new(const struct load_bank_config *config, struct load_bank **out)
{
    struct load_bank *const bank = calloc(1, sizeof *bank);
    *out = bank;
    if (!bank)
        return PH_NO_MEMORY;
    bank->config = *config;
    bank->config.roots = NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&bank->lock, NULL);
    pthread_cond_init(&bank->work, NULL);
    pthread_cond_init(&bank->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (uint32_t i = 0; i < config->n_roots; i++)
        index_root(bank, config->roots[i]);
    index_kit(bank);
    sort_words(bank);
    return PH_OK;
}

void load_bank_free(struct load_bank *bank)
{
    if (!bank)
        return;
    if (bank->has_thread) {
        pthread_mutex_lock(&bank->lock);
        bank->stop = true;
        pthread_cond_signal(&bank->work);
        pthread_mutex_unlock(&bank->lock);
        pthread_join(bank->thread, NULL);
    }
    for (uint32_t i = 0; i < bank->n_words; i++) {
        free(bank->words[i].name);
        free(bank->words[i].samples);
    }
    for (uint32_t i = 0; i < bank->n_samples; i++) {
        free(bank->samples[i]->path);
        free(bank->samples[i]);
    }
    free(bank->words);
    free(bank->samples);
    pthread_cond_destroy(&bank->idle);
    pthread_cond_destroy(&bank->work);
    pthread_mutex_destroy(&bank->lock);
    free(bank);
}

ph_status load_bank_start(struct load_bank *bank)
{
    if (pthread_create(&bank->thread, NULL, loader_main, bank) != 0)
        return PH_NO_MEMORY;
    bank->has_thread = true;
    return PH_OK;
}

bool load_bank_has(struct load_bank *bank, const char *word)
{
    return find_sample(bank, word, 0) != NULL;
}

void load_bank_request(struct load_bank *bank, const char *word, int64_t index)
{
    struct sample *const sample = find_sample(bank, word, index);
    if (!sample)
        return;
    pthread_mutex_lock(&bank->lock);
    enqueue(bank, sample);
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

bool load_bank_find(struct load_bank *bank, const char *word, int64_t index, struct load_sample *out)
{
    struct sample *const sample = find_sample(bank, word, index);
    if (!sample)
        return false;
    pthread_mutex_lock(&bank->lock);
    enqueue(bank, sample);
    while (!bank->has_thread && sample->state == QUEUED)
        load_next(bank);
    const bool is_ready = sample->state == READY;
    if (is_ready)
        *out = sample->loaded;
    pthread_mutex_unlock(&bank->lock);
    return is_ready;
}

/** Edit distance (Levenshtein, one row) of two words of fewer than 64 bytes. */
static size_t edits(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    size_t row[64];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            const size_t shorter = row[j] + 1, longer = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = changed < shorter ? changed : shorter;
            row[j] = row[j] < longer ? row[j] : longer;
        }
    }
    return row[m];
}

const char *load_bank_nearest(struct load_bank *bank, const char *word)
{
    const size_t length = strlen(word);
    size_t best = length <= NEAREST_MAX ? length : NEAREST_MAX + 1;
    const char *nearest = NULL;
    for (uint32_t i = 0; i < bank->n_words && length < 63; i++) {
        const char *const name = bank->words[i].name;
        if (strlen(name) > length + NEAREST_MAX || strlen(name) >= 63)
            continue;
        const size_t distance = edits(word, name);
        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

uint64_t load_bank_bytes(struct load_bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    const uint64_t n = bank->n_bytes;
    pthread_mutex_unlock(&bank->lock);
    return n;
}
