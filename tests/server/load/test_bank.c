/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/server/load/test_bank.c - folders to words, words to buffers, on a thread of their own.  */
#include <math.h>
#include <pthread.h>
#include <time.h>

#include "server/load/bank.h"
#include "tests/server/load/support.h"

enum { RATE = 48000, FIRST = 100 };

/** What the bank hands out, by buffer number. */
static struct {
    pthread_mutex_t lock;
    uint32_t n, n_gone;
    struct dsp_buffer *buffers[64]; /* without data: empty again */
} got = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void on_loaded(void *context, uint32_t number, struct dsp_buffer *gives)
{
    (void)context;
    pthread_mutex_lock(&got.lock);
    ck_assert_uint_ge(number, FIRST);
    ck_assert_uint_lt(number, FIRST + 64);
    struct dsp_buffer **const place = &got.buffers[number - FIRST];
    ck_assert_msg(!gives->data || !*place || !(*place)->data, "%u was not empty", number);
    got.n += gives->data != NULL;
    got.n_gone += gives->data == NULL;
    load_buffer_finish(*place);
    free(*place);
    *place = gives;
    pthread_mutex_unlock(&got.lock);
}

static struct load_bank *bank;
static uint64_t bytes_max;

static void open_bank(uint32_t n_buffers, const char *const *roots, uint32_t n_roots)
{
    const struct load_bank_config config = { .rate_hz = RATE, .first_buffer = FIRST,
                                             .n_buffers = n_buffers, .roots = roots,
                                             .n_roots = n_roots, .loaded = on_loaded,
                                             .bytes_max = bytes_max };
    ck_assert_int_eq(load_bank_new(&config, &bank), PH_OK);
}

static void open_folder(void)
{
    const char *const root = folder;
    open_bank(64, &root, 1);
}

static void setup(void)
{
    folder_setup();
    bank = NULL;
    got.n = got.n_gone = 0;
    bytes_max = 0;
    memset(got.buffers, 0, sizeof got.buffers);
}

static void teardown(void)
{
    load_bank_free(bank);
    for (int i = 0; i < 64; i++) {
        load_buffer_finish(got.buffers[i]);
        free(got.buffers[i]);
    }
    folder_teardown();
}

/** A file of `n` frames whose samples are all `value`, so that it can be told from others. */
static void write_level(const char *name, float value, int n)
{
    float data[256];
    for (int i = 0; i < n; i++)
        data[i] = value;
    write_sound(name, SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, 1, data, n);
}

static float level_of(const char *word, int64_t index)
{
    struct load_sample s;
    ck_assert_msg(load_bank_find(bank, word, index, &s), "%s:%d", word, (int)index);
    return got.buffers[s.buffer_number - FIRST]->data[0];
}

START_TEST(a_folder_is_a_word_and_its_files_are_sorted_by_name)
{
    make_folder("drum");
    write_level("drum/b.WAV", 0.2f, 10);
    write_level("drum/a.wav", 0.1f, 10);
    write_level("drum/c.wav", 0.3f, 10);
    write_bytes("drum/readme.txt", "no sound", 8);
    write_level("drum/.hidden.wav", 0.9f, 10);
    make_folder("empty");
    open_folder();
    ck_assert(load_bank_has(bank, "drum"));
    ck_assert(!load_bank_has(bank, "empty"));
    ck_assert(!load_bank_has(bank, "nothing"));
    ck_assert_float_eq(level_of("drum", 0), 0.1f);
    ck_assert_float_eq(level_of("drum", 1), 0.2f);
    ck_assert_float_eq(level_of("drum", 2), 0.3f);
    ck_assert_float_eq(level_of("drum", 3), 0.1f); /* wraps */
    ck_assert_float_eq(level_of("drum", -1), 0.3f);
    ck_assert_float_eq(level_of("drum", 3000000001), 0.2f);
    ck_assert_uint_eq(got.n, 3); /* each once */
}
END_TEST

START_TEST(the_first_root_wins_and_folders_win_over_the_kit)
{
    make_folder("one");
    make_folder("one/bd");
    make_folder("two");
    make_folder("two/bd");
    make_folder("two/other");
    write_level("one/bd/x.wav", 0.1f, 10);
    write_level("two/bd/x.wav", 0.2f, 10);
    write_level("two/other/x.wav", 0.3f, 10);
    char one[300], two[300];
    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(two, sizeof two, "%s/two", folder);
    const char *const roots[] = { "/nonexistent/folder", one, two };
    open_bank(64, roots, 3);
    ck_assert_float_eq(level_of("bd", 0), 0.1f);
    ck_assert_float_eq(level_of("other", 0), 0.3f);
    ck_assert(load_bank_has(bank, "sn")); /* of the kit */
}
END_TEST

START_TEST(flat_files_are_words_and_gather_under_short_words)
{
    write_level("bd_haus.wav", 0.1f, 10);
    write_level("bd_ada.wav", 0.2f, 10);
    write_level("drum_heavy_kick.wav", 0.3f, 10);
    write_level("drum_snare_hard.wav", 0.4f, 10);
    write_level("elec_blip.wav", 0.5f, 10);
    open_folder();
    ck_assert_float_eq(level_of("bd_ada", 0), 0.2f);
    ck_assert_float_eq(level_of("bd", 0), 0.1f); /* the preferred kick first */
    ck_assert_float_eq(level_of("bd", 1), 0.3f);
    ck_assert_float_eq(level_of("bd", 2), 0.2f);
    ck_assert_float_eq(level_of("bd", 3), 0.1f);
    ck_assert_float_eq(level_of("sn", 0), 0.4f);
    ck_assert_float_eq(level_of("elec", 0), 0.5f);
    ck_assert_float_eq(level_of("drum", 1), 0.4f);
    ck_assert_uint_eq(got.n, 5); /* a file under several words is loaded once */
}
END_TEST

START_TEST(two_hundred_files_are_indexed_and_none_is_opened)
{
    char name[64];
    make_folder("many");
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "many/%03d.wav", i);
        write_bytes(name, "no sound", 8); /* would fail if it were opened */
    }
    write_level("many/150.wav", 0.7f, 10);
    open_folder();
    ck_assert_float_eq(level_of("many", 150), 0.7f);
    ck_assert_float_eq(level_of("many", 350), 0.7f);
    ck_assert_uint_eq(got.n, 1);
}
END_TEST

START_TEST(a_bad_file_is_silent_and_said_once_and_the_rest_loads)
{
    make_folder("mixed");
    write_bytes("mixed/a.wav", "this is no sound file", 21);
    ck_assert_int_eq(mkfifo(path_of("mixed/b.wav"), 0600), 0);
    write_level("mixed/c.wav", 0.3f, 10);
    open_folder();
    FILE *const log = freopen(path_of("log"), "w", stderr);
    ck_assert_ptr_nonnull(log);
    struct load_sample s;
    for (int turn = 0; turn < 3; turn++) {
        ck_assert(!load_bank_find(bank, "mixed", 0, &s));
        ck_assert(!load_bank_find(bank, "mixed", 1, &s));
    }
    ck_assert_float_eq(level_of("mixed", 2), 0.3f);
    fflush(stderr);
    char text[2048] = "";
    FILE *const back = fopen(path_of("log"), "r");
    const size_t size = fread(text, 1, sizeof text - 1, back);
    fclose(back);
    uint32_t n_lines = 0;
    for (size_t i = 0; i < size; i++)
        n_lines += text[i] == '\n';
    ck_assert_uint_eq(n_lines, 2);
    ck_assert_ptr_nonnull(strstr(text, "mixed/a.wav: not WAV"));
    ck_assert_ptr_nonnull(strstr(text, "mixed/b.wav: not a regular file"));
}
END_TEST

START_TEST(without_samples_the_kit_plays)
{
    open_bank(64, NULL, 0);
    struct load_sample s;
    ck_assert(load_bank_find(bank, "bd", 0, &s));
    ck_assert_uint_eq(s.n_channels, 1);
    const struct dsp_buffer *const b = got.buffers[s.buffer_number - FIRST];
    ck_assert_uint_eq(b->n_frames, s.n_frames);
    ck_assert_float_eq(b->rate_hz, RATE);
    ck_assert_uint_eq(load_bank_bytes(bank), s.n_frames * sizeof(float));
    struct load_sample other;
    ck_assert(load_bank_find(bank, "arpy", 5, &other));
    ck_assert_uint_ne(other.buffer_number, s.buffer_number);
}
END_TEST

START_TEST(when_all_buffers_are_played_the_next_sample_is_silent_until_one_is_free)
{
    open_bank(2, NULL, 0);
    FILE *const log = freopen(path_of("log"), "w", stderr);
    ck_assert_ptr_nonnull(log);
    struct load_sample s;
    ck_assert(load_bank_find(bank, "bd", 0, &s));
    struct link_uses *const use = load_bank_use(bank, &s);
    ck_assert(load_bank_find(bank, "sn", 0, &s));
    ck_assert_ptr_nonnull(load_bank_use(bank, &s));
    for (int turn = 0; turn < 3; turn++)
        ck_assert(!load_bank_find(bank, "hh", 0, &s));
    ck_assert(load_bank_find(bank, "bd", 0, &s));
    ck_assert_uint_eq(got.n, 2);
    fflush(stderr);
    struct stat info;
    ck_assert_int_eq(stat(path_of("log"), &info), 0);
    ck_assert_int_gt(info.st_size, 0);
    ck_assert_int_lt(info.st_size, 100); /* said once */
    link_uses_release(use);
    ck_assert(load_bank_find(bank, "hh", 0, &s));
}
END_TEST

START_TEST(the_loader_thread_loads_what_is_requested_once)
{
    open_bank(64, NULL, 0);
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    struct load_sample s;
    for (int i = 0; i < 100; i++) {
        load_bank_request(bank, "bd", 0);
        load_bank_request(bank, "sn", 4); /* wraps to 0 */
        load_bank_request(bank, "sn", 0);
        load_bank_request(bank, "no such word", 0);
    }
    ck_assert(load_bank_wait(bank, 20000));
    ck_assert(load_bank_find(bank, "bd", 0, &s));
    ck_assert(load_bank_find(bank, "sn", 0, &s));
    ck_assert_uint_eq(got.n, 2);
    ck_assert(!load_bank_find(bank, "no such word", 0, &s));
    if (!load_bank_find(bank, "oh", 0, &s)) /* asked for now: there after the wait */
        ck_assert(load_bank_wait(bank, 20000));
    ck_assert(load_bank_find(bank, "oh", 0, &s));
}
END_TEST

/** Holds the loader inside its callback. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void on_loaded_behind_gate(void *context, uint32_t number, struct dsp_buffer *gives)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    on_loaded(context, number, gives);
}

START_TEST(a_sample_on_its_way_is_not_found_and_nobody_waits_for_it)
{
    const struct load_bank_config config = { .rate_hz = RATE,
                                             .first_buffer = FIRST,
                                             .n_buffers = 64,
                                             .loaded = on_loaded_behind_gate };
    struct load_sample s;
    ck_assert_int_eq(load_bank_new(&config, &bank), PH_OK);
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    pthread_mutex_lock(&gate);
    ck_assert(!load_bank_find(bank, "bd", 0, &s));
    ck_assert(!load_bank_find(bank, "bd", 0, &s));
    ck_assert(!load_bank_wait(bank, 1));
    pthread_mutex_unlock(&gate);
    ck_assert(load_bank_wait(bank, 20000));
    ck_assert(load_bank_find(bank, "bd", 0, &s));
}
END_TEST

START_TEST(requests_wait_for_whoever_asks_when_there_is_no_thread)
{
    open_bank(64, NULL, 0);
    load_bank_request(bank, "bd", 0);
    load_bank_request(bank, "sn", 0);
    ck_assert_uint_eq(got.n, 0);
    ck_assert(load_bank_wait(bank, 0));
    ck_assert_uint_eq(got.n, 2);
}
END_TEST

static const char *nearest(const char *word)
{
    static char found[LOAD_WORD_BYTES];
    return load_bank_nearest(bank, word, found) ? found : "";
}

START_TEST(the_nearest_word_is_found_or_none)
{
    make_folder("gretsch");
    write_level("gretsch/a.wav", 0.1f, 10);
    open_folder();
    ck_assert_str_eq(nearest("gretch"), "gretsch");
    ck_assert_str_eq(nearest("shakre"), "shaker");
    ck_assert_str_eq(nearest("bdd"), "bd");
    ck_assert_str_eq(nearest("xylophone"), "");
    ck_assert_str_eq(nearest("zz"), ""); /* all of it would have to change */
    char long_word[5000];
    memset(long_word, 'x', sizeof long_word);
    long_word[sizeof long_word - 1] = 0;
    ck_assert_str_eq(nearest(long_word), "");
    ck_assert(!load_bank_has(bank, long_word));
}
END_TEST

/* ---- cache ----------------------------------------------------------------------------------- */

enum { FRAMES = 256, FILE_BYTES = FRAMES * (int)sizeof(float) };

/** Eight files of one size, and a cache with room for four. */
static void open_small_cache(void)
{
    char name[64];
    make_folder("f");
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "f/%d.wav", i);
        write_level(name, 0.1f * (float)(i + 1), FRAMES);
    }
    bytes_max = 4 * FILE_BYTES;
    open_folder();
}

/** Is it loaded, as far as the bank told? */
static bool is_there(int i)
{
    for (int k = 0; k < 64; k++)
        if (got.buffers[k] && got.buffers[k]->data &&
            fabsf(got.buffers[k]->data[0] - 0.1f * (float)(i + 1)) < 1e-6f)
            return true;
    return false;
}

START_TEST(beyond_its_bound_the_cache_drops_what_was_not_used_for_the_longest_time)
{
    open_small_cache();
    for (int i = 0; i < 4; i++)
        level_of("f", i);
    ck_assert_uint_eq(load_bank_bytes(bank), 4 * FILE_BYTES);
    level_of("f", 0); /* 1 is the oldest now */
    level_of("f", 4);
    ck_assert_uint_eq(load_bank_bytes(bank), 4 * FILE_BYTES);
    ck_assert(!is_there(1));
    ck_assert(is_there(0) && is_there(2) && is_there(3) && is_there(4));
    level_of("f", 5);
    ck_assert(!is_there(2));
    ck_assert_float_eq_tol(level_of("f", 1), 0.2f, 1e-6f); /* it comes back when it is needed */
    ck_assert_uint_eq(got.n, 7);
    ck_assert_uint_eq(got.n_gone, 3);
}
END_TEST

START_TEST(what_somebody_plays_stays_until_its_last_use_ends)
{
    struct load_sample s;
    open_small_cache();
    ck_assert(load_bank_find(bank, "f", 0, &s));
    struct link_uses *const first = load_bank_use(bank, &s);
    struct link_uses *const second = load_bank_use(bank, &s);
    ck_assert(first && second);
    for (int turn = 0; turn < 2; turn++)
        for (int i = 1; i < 8; i++)
            level_of("f", i);
    ck_assert(is_there(0));
    link_uses_release(first);
    for (int i = 1; i < 8; i++)
        level_of("f", i);
    ck_assert(is_there(0));
    link_uses_release(second);
    for (int i = 1; i < 8; i++)
        level_of("f", i);
    ck_assert(!is_there(0));
    ck_assert_ptr_null(load_bank_use(bank, &s)); /* what was found then is gone */
    level_of("f", 0);
    ck_assert_ptr_null(load_bank_use(bank, &s)); /* also when its number is in use again */
}
END_TEST

START_TEST(when_everything_is_played_the_cache_grows_beyond_its_bound)
{
    struct load_sample all[8];
    struct link_uses *uses;
    open_small_cache();
    for (int i = 0; i < 8; i++) {
        ck_assert(load_bank_find(bank, "f", i, &all[i]));
        ck_assert_ptr_nonnull(load_bank_use(bank, &all[i]));
    }
    ck_assert_uint_eq(load_bank_bytes(bank), 8 * FILE_BYTES);
    ck_assert_int_eq(load_bank_use_all(bank, all, 8, &uses), PH_OK);
    ck_assert_uint_eq(uses->n, 8);
    link_uses_release(uses);
    ck_assert_int_eq(load_bank_use_all(bank, all, 0, &uses), PH_OK);
    ck_assert_ptr_null(uses);
}
END_TEST

START_TEST(what_the_program_mentions_stays_and_goes_with_the_next_but_one)
{
    open_small_cache();
    load_bank_program_begin(bank);
    load_bank_mention(bank, "f", 0);
    load_bank_mention(bank, "f", 1);
    ck_assert(load_bank_wait(bank, 0));
    load_bank_program_commit(bank);
    for (int i = 2; i < 8; i++)
        level_of("f", i);
    ck_assert(is_there(0) && is_there(1));
    for (int failed = 0; failed < 3; failed++) { /* programs that never take over */
        load_bank_program_begin(bank);
        load_bank_mention(bank, "f", 1);
        load_bank_mention(bank, "f", 7);
        ck_assert(load_bank_wait(bank, 0));
    }
    for (int i = 2; i < 7; i++)
        level_of("f", i);
    ck_assert(is_there(0) && is_there(1) && is_there(7));
    load_bank_program_commit(bank); /* 1 and 7 play, 0 may fade out */
    for (int i = 2; i < 7; i++)
        level_of("f", i);
    ck_assert(is_there(0) && is_there(1) && is_there(7));
    load_bank_program_begin(bank);
    for (int i = 2; i < 7; i++)
        level_of("f", i);
    ck_assert(!is_there(0));
    ck_assert(is_there(1) && is_there(7));
}
END_TEST

START_TEST(a_number_is_used_again_when_all_are_taken)
{
    open_small_cache();
    load_bank_free(bank);
    bytes_max = 0;
    const char *const root = folder;
    open_bank(3, &root, 1);
    for (int i = 0; i < 8; i++)
        ck_assert_float_eq_tol(level_of("f", i), 0.1f * (float)(i + 1), 1e-6f);
    ck_assert_uint_eq(got.n_gone, 5);
}
END_TEST

/* ---- folders that change --------------------------------------------------------------------- */

static void sleep_ms(int ms)
{
    const struct timespec t = { .tv_nsec = ms * 1000000L };
    nanosleep(&t, NULL);
}

/** Waits until a word's sample has that level; false after ten seconds. */
static bool comes(const char *word, int64_t index, float level)
{
    for (int i = 0; i < 1000; i++) {
        struct load_sample s;
        bool found = load_bank_find(bank, word, index, &s);
        pthread_mutex_lock(&got.lock);
        const struct dsp_buffer *const b = found ? got.buffers[s.buffer_number - FIRST] : NULL;
        found = b && b->data && fabsf(b->data[0] - level) < 1e-6f;
        pthread_mutex_unlock(&got.lock);
        if (found)
            return true;
        sleep_ms(10);
    }
    return false;
}

START_TEST(files_that_come_while_it_runs_are_found)
{
    make_folder("drum");
    write_level("drum/b.wav", 0.2f, 10);
    open_folder();
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    ck_assert(comes("drum", 0, 0.2f));
    const uint32_t revision = load_bank_revision(bank);
    write_level("drum/a.wav", 0.1f, 10); /* into a folder that is there */
    ck_assert(comes("drum", 0, 0.1f));
    ck_assert(comes("drum", 1, 0.2f));
    ck_assert_uint_ne(load_bank_revision(bank), revision);
    make_folder("new"); /* a folder of its own */
    write_level("new/x.wav", 0.3f, 10);
    ck_assert(comes("new", 0, 0.3f));
    write_level("flat.wav", 0.4f, 10); /* flat in the root */
    ck_assert(comes("flat", 0, 0.4f));
    write_level("../phonon-moved.wav", 0.5f, 10); /* moved in whole */
    ck_assert_int_eq(rename(path_of("../phonon-moved.wav"), path_of("drum/c.wav")), 0);
    ck_assert(comes("drum", 2, 0.5f));
}
END_TEST

START_TEST(a_file_with_new_contents_is_read_again_and_the_old_one_stays_while_it_sounds)
{
    struct load_sample s;
    make_folder("drum");
    write_level("drum/a.wav", 0.1f, 10);
    write_bytes("drum/b.wav", "no sound yet", 12);
    open_folder();
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    ck_assert(comes("drum", 0, 0.1f));
    ck_assert(load_bank_find(bank, "drum", 0, &s));
    struct link_uses *const use = load_bank_use(bank, &s);
    load_bank_request(bank, "drum", 1);
    ck_assert(load_bank_wait(bank, 10000));
    write_level("drum/a.wav", 0.7f, 20);
    write_level("drum/b.wav", 0.2f, 20);
    ck_assert(comes("drum", 0, 0.7f));
    ck_assert(comes("drum", 1, 0.2f)); /* what couldn't be read gets another chance */
    pthread_mutex_lock(&got.lock);
    ck_assert_float_eq(got.buffers[s.buffer_number - FIRST]->data[0], 0.1f);
    pthread_mutex_unlock(&got.lock);
    link_uses_release(use);
    load_bank_program_commit(bank); /* whatever happens next, the loader tidies up */
    struct link_uses *again;
    for (int i = 0; i < 1000 && (again = load_bank_use(bank, &s)) != NULL; i++) {
        link_uses_release(again);
        sleep_ms(10);
    }
    ck_assert_ptr_null(load_bank_use(bank, &s));
}
END_TEST

START_TEST(a_file_that_goes_is_forgotten)
{
    make_folder("drum");
    write_level("drum/a.wav", 0.1f, 10);
    write_level("drum/b.wav", 0.2f, 10);
    open_folder();
    ck_assert_int_eq(load_bank_start(bank), PH_OK);
    ck_assert(comes("drum", 1, 0.2f));
    ck_assert_int_eq(remove(path_of("drum/b.wav")), 0);
    ck_assert(comes("drum", 1, 0.1f)); /* wraps */
    ck_assert_int_eq(remove(path_of("drum/a.wav")), 0);
    for (int i = 0; i < 1000 && load_bank_has(bank, "drum"); i++)
        sleep_ms(10);
    ck_assert(!load_bank_has(bank, "drum"));
    for (int i = 0; i < 1000 && load_bank_bytes(bank) > 0; i++)
        sleep_ms(10);
    ck_assert_uint_eq(load_bank_bytes(bank), 0);
}
END_TEST

START_TEST(usual_places_are_found_when_they_exist)
{
    char *roots[8];
    char home[300];
    snprintf(home, sizeof home, "%s", folder);
    setenv("HOME", home, 1);
    unsetenv("XDG_DATA_HOME");
    unsetenv("PHONON_SAMPLES");
    const uint32_t before = load_usual_roots(roots, 8);
    for (uint32_t i = 0; i < before; i++)
        free(roots[i]);
    make_folder("Dirt-Samples");
    make_folder("mine");
    uint32_t n = load_usual_roots(roots, 8);
    ck_assert_uint_eq(n, before + 1);
    ck_assert_str_eq(roots[0], path_of("Dirt-Samples"));
    for (uint32_t i = 0; i < n; i++)
        free(roots[i]);
    setenv("PHONON_SAMPLES", path_of("mine"), 1);
    n = load_usual_roots(roots, 8);
    ck_assert_uint_eq(n, 1); /* what was told stands for the usual places */
    ck_assert_str_eq(roots[0], path_of("mine"));
    free(roots[0]);
    setenv("PHONON_SAMPLES", "", 1);
    ck_assert_uint_eq(load_usual_roots(roots, 8), 0);
}
END_TEST

int main(void)
{
    TCase *const c = tcase_create("bank");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, a_folder_is_a_word_and_its_files_are_sorted_by_name);
    tcase_add_test(c, the_first_root_wins_and_folders_win_over_the_kit);
    tcase_add_test(c, flat_files_are_words_and_gather_under_short_words);
    tcase_add_test(c, two_hundred_files_are_indexed_and_none_is_opened);
    tcase_add_test(c, a_bad_file_is_silent_and_said_once_and_the_rest_loads);
    tcase_add_test(c, without_samples_the_kit_plays);
    tcase_add_test(c, when_all_buffers_are_played_the_next_sample_is_silent_until_one_is_free);
    tcase_add_test(c, the_loader_thread_loads_what_is_requested_once);
    tcase_add_test(c, a_sample_on_its_way_is_not_found_and_nobody_waits_for_it);
    tcase_add_test(c, requests_wait_for_whoever_asks_when_there_is_no_thread);
    tcase_add_test(c, the_nearest_word_is_found_or_none);
    tcase_add_test(c, beyond_its_bound_the_cache_drops_what_was_not_used_for_the_longest_time);
    tcase_add_test(c, what_somebody_plays_stays_until_its_last_use_ends);
    tcase_add_test(c, when_everything_is_played_the_cache_grows_beyond_its_bound);
    tcase_add_test(c, what_the_program_mentions_stays_and_goes_with_the_next_but_one);
    tcase_add_test(c, a_number_is_used_again_when_all_are_taken);
    tcase_add_test(c, files_that_come_while_it_runs_are_found);
    tcase_add_test(c, a_file_with_new_contents_is_read_again_and_the_old_one_stays_while_it_sounds);
    tcase_add_test(c, a_file_that_goes_is_forgotten);
    tcase_add_test(c, usual_places_are_found_when_they_exist);
    tcase_set_timeout(c, 60);
    return check_run("load/bank", c);
}
