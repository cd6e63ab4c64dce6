/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/load/index.c - sample folders as words and their sounds.                                */
/* room: loader thread.                                                                           */
#include "server/load/index.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "protocol/bytes.h"
#include "server/load/kit.h"

enum {
    WORDS_MAX = 65536,
    SOURCES_MAX = 1 << 20,
    NEAREST_MAX = 2, /* edits */
    NEAREST_BYTES = 64
};

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

/* ---- store ----------------------------------------------------------------------------------- */

static uint64_t hash_of(const char *path, uint32_t kit_word, uint32_t kit_variant)
{
    if (path)
        return ph_hash_text(PH_HASH_START, path);
    const uint32_t numbers[] = { kit_word, kit_variant };
    return ph_hash(PH_HASH_START, numbers, sizeof numbers);
}

static bool is_same(const struct load_source *s, const char *path, uint32_t kit_word,
                    uint32_t kit_variant)
{
    if (path)
        return s->path && strcmp(s->path, path) == 0;
    return !s->path && s->kit_word == kit_word && s->kit_variant == kit_variant;
}

static struct load_source *store_find(const struct load_store *store, const char *path,
                                      uint32_t kit_word, uint32_t kit_variant)
{
    if (store->n_buckets == 0)
        return NULL;
    const uint64_t hash = hash_of(path, kit_word, kit_variant);
    struct load_source *s = store->buckets[hash & (store->n_buckets - 1)];
    while (s && !is_same(s, path, kit_word, kit_variant))
        s = s->next_hashed;
    return s;
}

struct load_source *load_store_find(const struct load_store *store, const char *path)
{
    return store_find(store, path, 0, 0);
}

void load_store_each(const struct load_store *store,
                     void (*each)(void *context, struct load_source *source), void *context)
{
    for (uint32_t i = 0; i < store->n_buckets; i++)
        for (struct load_source *s = store->buckets[i]; s; s = s->next_hashed)
            each(context, s);
}

/**
 * Twice the buckets when there are more sounds than those; without memory the chains get longer.
 */
static bool spread(struct load_store *store)
{
    if (store->n_sources < store->n_buckets)
        return true;
    const uint32_t n = store->n_buckets ? store->n_buckets * 2 : 256;
    struct load_source **const buckets = calloc(n, sizeof *buckets);
    if (!buckets)
        return store->n_buckets > 0;
    for (uint32_t i = 0; i < store->n_buckets; i++)
        for (struct load_source *s = store->buckets[i], *next; s; s = next) {
            struct load_source **const to =
                &buckets[hash_of(s->path, s->kit_word, s->kit_variant) & (n - 1)];
            next = s->next_hashed;
            s->next_hashed = *to;
            *to = s;
        }
    free(store->buckets);
    store->buckets = buckets;
    store->n_buckets = n;
    return true;
}

/** The sound, made where it wasn't known; takes `path`. NULL: no memory, or too many. */
static struct load_source *store_get(struct load_store *store, char *path, uint32_t kit_word,
                                     uint32_t kit_variant)
{
    struct load_source *source = store_find(store, path, kit_word, kit_variant);
    if (source) {
        free(path);
        source->scan = store->scan;
        return source;
    }
    if (store->n_sources < SOURCES_MAX && spread(store))
        source = calloc(1, sizeof *source);
    if (!source) {
        free(path);
        return NULL;
    }
    struct load_source **const bucket =
        &store->buckets[hash_of(path, kit_word, kit_variant) & (store->n_buckets - 1)];
    *source = (struct load_source){ .path = path, .kit_word = kit_word, .kit_variant = kit_variant,
                                    .scan = store->scan, .next_hashed = *bucket,
                                    .slot = LOAD_NO_SLOT };
    *bucket = source;
    store->n_sources++;
    return source;
}

void load_store_finish(struct load_store *store)
{
    for (uint32_t i = 0; i < store->n_buckets; i++)
        for (struct load_source *s = store->buckets[i], *next; s; s = next) {
            next = s->next_hashed;
            free(s->path);
            free(s);
        }
    free(store->buckets);
    *store = (struct load_store){ 0 };
}

/* ---- words ----------------------------------------------------------------------------------- */

/** A scan under way. */
struct scan {
    const struct load_scan *asked;
    struct load_store *store;
    struct load_index *index;
};

/** Adds an empty word; NULL when the index is full. */
static struct load_word *add_word(struct load_index *index, const char *name, size_t length)
{
    if (!grow((void **)&index->words, index->n_words, &index->words_space, WORDS_MAX,
              sizeof *index->words))
        return NULL;
    char *const copy = strndup(name, length);
    if (!copy)
        return NULL;
    struct load_word *const word = &index->words[index->n_words];
    *word = (struct load_word){ .name = copy, .order = index->n_words };
    index->n_words++;
    return word;
}

static void append(struct load_word *word, struct load_source *source)
{
    if (word && source &&
        grow((void **)&word->sources, word->n_sources, &word->space, SOURCES_MAX,
             sizeof *word->sources))
        word->sources[word->n_sources++] = source;
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

static void tell_folder(const struct scan *s, const char *path)
{
    if (s->asked->folder)
        s->asked->folder(s->asked->context, path);
}

/** A folder is a word, its sound files are that word's sounds. */
static void index_folder(struct scan *s, const char *path, const char *name)
{
    struct dirent **list = NULL;
    tell_folder(s, path);
    const int n = scandir(path, &list, is_visible, by_bytes);
    struct load_word *word = NULL;
    for (int i = 0; i < n; i++) {
        if (sound_stem(list[i]->d_name) == 0)
            continue;
        if (!word)
            word = add_word(s->index, name, strlen(name));
        char *const file = word ? join(path, list[i]->d_name) : NULL;
        if (file)
            append(word, store_get(s->store, file, 0, 0));
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
    struct load_source *source;
};

static void gather(struct load_index *index, const char *name, const char *const *patterns,
                   uint32_t n_patterns, const struct flat *flats, uint32_t n_flats)
{
    struct load_word *word = NULL;
    for (uint32_t p = 0; p < n_patterns && patterns[p]; p++)
        for (uint32_t i = 0; i < n_flats; i++) {
            if (fnmatch(patterns[p], flats[i].stem, 0) != 0)
                continue;
            bool is_there = false;
            for (uint32_t k = 0; word && k < word->n_sources; k++)
                is_there |= word->sources[k] == flats[i].source;
            if (!word)
                word = add_word(index, name, strlen(name));
            if (!is_there)
                append(word, flats[i].source);
        }
}

/** Each flat file is a word; so is what stands before a `_`, for all files that begin with it. */
static void index_flats(struct load_index *index, const struct flat *flats, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        append(add_word(index, flats[i].stem, strlen(flats[i].stem)), flats[i].source);
    for (size_t i = 0; i < sizeof gathered / sizeof *gathered; i++)
        gather(index, gathered[i].word, gathered[i].patterns, 5, flats, n);
    struct load_word *word = NULL;
    for (uint32_t i = 0; i < n; i++) { /* sorted: files of one prefix are neighbours */
        const size_t length = strcspn(flats[i].stem, "_");
        if (flats[i].stem[length] == 0)
            continue;
        if (!word || strlen(word->name) != length || memcmp(word->name, flats[i].stem, length) != 0)
            word = add_word(index, flats[i].stem, length);
        append(word, flats[i].source);
    }
}

/**
 * True for a folder, also behind a link; the file system is asked only where its list doesn't say.
 */
static bool is_folder(const char *path, const struct dirent *entry)
{
    struct stat info;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void index_root(struct scan *s, const char *root)
{
    struct dirent **list = NULL;
    tell_folder(s, root);
    const int n = scandir(root, &list, is_visible, by_bytes);
    if (n < 0)
        return;
    struct flat *const flats = calloc((size_t)n + 1, sizeof *flats);
    uint32_t n_flats = 0;
    for (int i = 0; i < n; i++) {
        const size_t stem = sound_stem(list[i]->d_name);
        char *const path = join(root, list[i]->d_name);
        if (!path)
            continue;
        if (is_folder(path, list[i])) {
            index_folder(s, path, list[i]->d_name);
            free(path);
        } else if (flats && stem > 0) {
            list[i]->d_name[stem] = 0;
            struct load_source *const source = store_get(s->store, path, 0, 0);
            if (source)
                flats[n_flats++] = (struct flat){ list[i]->d_name, source };
        } else {
            free(path);
        }
    }
    if (flats)
        index_flats(s->index, flats, n_flats);
    free(flats);
    free_list(list, n);
}

static void index_kit(struct scan *s)
{
    for (uint32_t i = 0; i < load_kit_n_words(); i++) {
        struct load_word *const word =
            add_word(s->index, load_kit_word(i), strlen(load_kit_word(i)));
        for (uint32_t v = 0; word && v < load_kit_n_variants(i); v++)
            append(word, store_get(s->store, NULL, i, v));
    }
}

static int by_name_and_order(const void *a, const void *b)
{
    const struct load_word *const x = a, *const y = b;
    const int names = strcmp(x->name, y->name);
    return names ? names : x->order < y->order ? -1 : x->order > y->order;
}

/** Sorts the words; of equal names the one found first stays. */
static void sort_words(struct load_index *index)
{
    uint32_t n = 0;
    if (index->n_words > 0)
        qsort(index->words, index->n_words, sizeof *index->words, by_name_and_order);
    for (uint32_t i = 0; i < index->n_words; i++) {
        struct load_word *const word = &index->words[i];
        if (word->n_sources == 0 || (n > 0 && strcmp(index->words[n - 1].name, word->name) == 0)) {
            free(word->name);
            free(word->sources);
        } else {
            index->words[n++] = *word;
        }
    }
    index->n_words = n;
}

ph_status load_index_new(const struct load_scan *asked, struct load_store *store,
                         struct load_index **out)
{
    struct load_index *const index = calloc(1, sizeof *index);
    *out = index;
    if (!index)
        return PH_NO_MEMORY;
    struct scan s = { asked, store, index };
    store->scan++;
    for (uint32_t i = 0; i < asked->n_roots; i++)
        index_root(&s, asked->roots[i]);
    index_kit(&s);
    sort_words(index);
    return PH_OK;
}

void load_index_free(struct load_index *index)
{
    for (uint32_t i = 0; index && i < index->n_words; i++) {
        free(index->words[i].name);
        free(index->words[i].sources);
    }
    free(index ? index->words : NULL);
    free(index);
}

static int by_name(const void *key, const void *element)
{
    return strcmp(key, ((const struct load_word *)element)->name);
}

struct load_source *load_index_find(const struct load_index *index, const char *name, int64_t i)
{
    const struct load_word *const word =
        index->n_words
            ? bsearch(name, index->words, index->n_words, sizeof *index->words, by_name)
            : NULL;
    if (!word)
        return NULL;
    const int64_t k = i % word->n_sources;
    return word->sources[k < 0 ? k + word->n_sources : k];
}

size_t load_index_edits(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    size_t row[NEAREST_BYTES];
    if (n >= NEAREST_BYTES - 1 || m >= NEAREST_BYTES - 1 || n > m + NEAREST_MAX ||
        m > n + NEAREST_MAX)
        return NEAREST_MAX + 1;
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

const char *load_index_nearest(const struct load_index *index, const char *word)
{
    const size_t length = strlen(word);
    size_t best = length <= NEAREST_MAX ? length : NEAREST_MAX + 1;
    const char *nearest = NULL;
    for (uint32_t i = 0; i < index->n_words; i++) {
        const size_t distance = load_index_edits(word, index->words[i].name);
        if (distance < best) {
            best = distance;
            nearest = index->words[i].name;
        }
    }
    return nearest;
}
