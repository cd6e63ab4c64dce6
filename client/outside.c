/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/outside.c - what comes from outside of the daemon: MIDI (LANGUAGE 22), plugins (23).    */
/* Neither is there yet. Programs that use them compile: MIDI and instruments are silent, inserts */
/* let their input through, and a message says so once.                                           */
#include <string.h>

#include "client/value.h"
#include "server/pattern/scale.h"

enum { MIDI_CHANNELS = 16, DIGITS_MAX = 2, WORD_MAX = 32 };

/* ---- MIDI ------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool outside_is_midi(const char *name)
{
    size_t n = 4;
    int channel = 0;

    if (strncmp(name, "midi", 4) != 0)
        return false;
    for (; is_digit(name[n]) && n < 4 + DIGITS_MAX; n++)
        channel = channel * 10 + (name[n] - '0');
    return (name[n] == '\0' || name[n] == ':') && channel <= MIDI_CHANNELS &&
           (n == 4 || channel > 0);
}

/* The next of the words that colons separate; false behind the last. */
static bool next_word(const char **at, char word[WORD_MAX])
{
    if (**at != ':')
        return false;
    const size_t length = strcspn(++*at, ":");
    const size_t kept = length < WORD_MAX ? length : WORD_MAX - 1;
    memcpy(word, *at, kept);
    word[kept] = '\0';
    *at += length;
    return true;
}

static bool is_arpeggio(const char *word)
{
    static const char *const modes[] = { "up",     "down",   "updown", "downup",
                                         "random", "played" };

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(modes[i], word) == 0)
            return true;
    return false;
}

/* `:c:major` or `:arp:up:4`; what is neither is warned about. */
static void check_suffix(struct compiler *c, const char *name, uint32_t offset)
{
    const char *at = name + strcspn(name, ":");
    char first[WORD_MAX], second[WORD_MAX], third[WORD_MAX];
    double note;
    bool has_octave;

    if (!next_word(&at, first))
        return;
    const bool has_second = next_word(&at, second);
    const bool has_third = has_second && next_word(&at, third);
    if (strcmp(first, "arp") == 0) {
        if (!has_second || !is_arpeggio(second) || (has_third && !is_digit(third[0])))
            diag_warning(c->diag, offset, "an arpeggio is written ~midi:arp:up:4, with up, down, "
                         "updown, downup, random or played");
    } else if (!pattern_note(first, &note, &has_octave) || !has_second ||
               !pat_scale_find(second, strlen(second), false)) {
        diag_warning(c->diag, offset, "`~%s` names no scale: ~midi:c:major does", name);
    }
}

struct value outside_midi(struct compiler *c, const char *name, uint32_t offset)
{
    struct pat *const none = pat_op(c, PH_PAT_SILENCE, NULL, 0, offset);

    check_suffix(c, name, offset);
    if (!c->is_midi_noted)
        diag_note(c->diag, offset, "there is no MIDI input yet: `~%s` is silent", name);
    c->is_midi_noted = true;
    if (none) /* notes: an oscillator of them starts voices */
        none->flags |= PAT_HAS_NOTES;
    return value_of_pattern(VALUE_PATTERN, none, offset);
}

/* ---- plugins --------------------------------------------------------------------------------- */

/* Once for each plugin. */
static void warn(struct compiler *c, const struct ast *call, const char *name, const char *what)
{
    if (key_set_add(c->arena, &c->plugins, ph_hash_text(PH_HASH_START, name)))
        diag_warning(c->diag, call->offset, "plugins are not played yet: `%s` %s", name, what);
}

static const char *plugin_name(struct compiler *c, const struct ast *call)
{
    const struct ast *const a = call->n_items > 0 ? call->items[0] : NULL;

    if (a && (a->kind == AST_STRING || a->kind == AST_NAME))
        return a->text;
    diag_error(c->diag, call->offset, "`%s` takes the name of a plugin", call->text);
    return NULL;
}

/* The input, as a node that says that a plugin made it. */
static struct value passed_on(struct compiler *c, const char *path, struct value input)
{
    struct sig *const in = value_signal(c, input, CONTEXT_AUDIO, 0, path);
    struct sig *const one = sig_number(c, 1, input.offset);
    struct sig *const made = one ? sig_binary(c, AST_MUL, in, one, path) : NULL;

    if (made)
        made->flags |= SIG_IS_PLUGIN;
    return value_of_signal(made, input.offset);
}

struct value outside_plugin(struct compiler *c, const struct ast *call, const char *path,
                            const struct value *input)
{
    const char *const name = plugin_name(c, call);

    if (!name)
        return value_error();
    if (input) {
        warn(c, call, name, "lets its input through");
        return passed_on(c, path, *input);
    }
    warn(c, call, name, "is silent");
    struct pat *const none = pat_op(c, PH_PAT_SILENCE, NULL, 0, call->offset);
    struct pat *const events = pat_param(c, "s", PAT_SOUNDS, none);
    if (events)
        events->flags |= PAT_IS_PLUGIN;
    return value_of_pattern(VALUE_EVENTS, events, call->offset);
}

bool outside_is_plugin(struct value v)
{
    return (v.kind == VALUE_EVENTS && (v.pattern->flags & PAT_IS_PLUGIN)) ||
           (v.kind == VALUE_SIGNAL && (v.signal->flags & SIG_IS_PLUGIN));
}

struct value outside_parameter(struct compiler *c, const struct ast *call,
                               const struct frame *frame, const char *path, struct value plugin)
{
    const bool named = strcmp(call->text, "param") == 0; /* `param "Name" value` */
    const uint32_t n = named ? 2 : 1;

    if (call->n_items != n) {
        diag_error(c->diag, call->offset, "`%s`, a parameter of a plugin, takes %s", call->text,
                   named ? "its name and a value" : "one value");
        return value_error();
    }
    const struct value v = evaluate(c, call->items[n - 1], frame, path);
    return v.kind == VALUE_ERROR ? v : plugin;
}
