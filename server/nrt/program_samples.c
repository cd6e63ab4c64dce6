/* SPDX-License-Identifier: GPL-3.0-or-later */
/* server/nrt/program_samples.c - the samples that a program names: asked for before it takes     */
/* over, numbers for its controls, warnings for what isn't there.                                 */
/* room: command thread.                                                                          */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/load/bank.h"
#include "server/nrt/program_state.h"
#include "server/seq/builtin.h"

/* files of one word loaded ahead when the program chooses them by `n` */
enum { SAMPLE_INDICES = 32 };

static bool is_definition(const struct ph_program *program, const char *name)
{
    for (uint32_t i = 0; i < program->n_defs; i++)
        if (strcmp(program->defs[i].name, name) == 0)
            return true;
    return false;
}

/** A word without its index: "bd:3" is bd, 3. */
static int64_t split_index(const char *text, char word[PH_NAME_MAX + 1])
{
    snprintf(word, PH_NAME_MAX + 1, "%s", text);
    char *const colon = strchr(word, ':');
    if (colon)
        *colon = 0;
    return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

/** Asks for what the words of a player name. */
static void mention_words(struct nrt_programs *p, const struct ph_program *program,
                          const struct ph_program_player *player)
{
    bool chooses_index = false;
    for (uint32_t i = 0; i < player->code.n_consts; i++)
        if (player->code.consts[i].kind == PH_VALUE_WORD)
            chooses_index |= strcmp(player->code.consts[i].text, "n") == 0;
    for (uint32_t i = 0; i < player->code.n_consts; i++) {
        const struct ph_value *const v = &player->code.consts[i];
        char word[PH_NAME_MAX + 1];
        if (v->kind != PH_VALUE_WORD || is_definition(program, v->text))
            continue;
        const int64_t index = split_index(v->text, word);
        if (!load_bank_has(p->config.bank, word))
            continue;
        load_bank_mention(p->config.bank, word, index);
        for (int64_t k = 0; chooses_index && k < SAMPLE_INDICES; k++)
            load_bank_mention(p->config.bank, word, k);
    }
}

static void mention_controls(struct nrt_programs *p, const struct ph_program_control *controls,
                             uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (controls[i].sample)
            load_bank_mention(p->config.bank, controls[i].sample, controls[i].index);
}

void nrt_program_request_samples(struct nrt_programs *p, const struct ph_program *program)
{
    load_bank_program_begin(p->config.bank);
    for (uint32_t i = 0; i < program->n_players; i++)
        if (program->players[i].kind == PH_PLAYER_EVENTS)
            mention_words(p, program, &program->players[i]);
    for (uint32_t i = 0; i < program->n_defs; i++)
        mention_controls(p, program->defs[i].controls, program->defs[i].n_controls);
    for (uint32_t i = 0; i < program->n_nodes; i++)
        mention_controls(p, program->nodes[i].controls, program->nodes[i].n_controls);
}

static void warn_of_unknown(struct nrt_programs *p, const char *word)
{
    char line[2 * PH_NAME_MAX], nearest[LOAD_WORD_BYTES];
    if (load_bank_nearest(p->config.bank, word, nearest))
        snprintf(line, sizeof line, "no sound named '%.60s'; did you mean '%s'?", word, nearest);
    else
        snprintf(line, sizeof line, "no sound named '%.60s'", word);
    if (!strstr(p->warnings, line))
        nrt_program_warn(p, line);
}

static void warn_of_sound(struct nrt_programs *p, const struct ph_program *program, const char *text)
{
    char word[PH_NAME_MAX + 1];
    split_index(text, word);
    if (!is_definition(program, text) && !is_definition(program, word) && !seq_builtin_knows(word) &&
        !load_bank_has(p->config.bank, word))
        warn_of_unknown(p, word);
}

void nrt_program_warn_of_sounds(struct nrt_programs *p, const struct ph_program *program,
                                const struct ph_pattern_code *code)
{
    bool *const names_sounds = calloc(code->n_instrs + 1, sizeof *names_sounds);
    /* users stand behind their arguments */
    for (uint32_t i = code->n_instrs; names_sounds && i-- > 0;) {
        const struct ph_pattern_instr *const instr = &code->instrs[i];
        const struct ph_value *const imm =
            instr->n_imms > 0 ? &code->consts[code->imms[instr->first_imm]] : NULL;
        const bool is_s = instr->op == PH_PAT_PARAM && imm->kind == PH_VALUE_WORD &&
                          strcmp(imm->text, "s") == 0;
        if (!is_s && !names_sounds[i])
            continue;
        if (instr->op == PH_PAT_PURE && imm->kind == PH_VALUE_WORD)
            warn_of_sound(p, program, imm->text);
        for (uint32_t k = 0; k < instr->n_args; k++)
            names_sounds[code->args[instr->first_arg + k]] = true;
    }
    free(names_sounds);
}

bool nrt_program_find_sample(struct nrt_programs *p, const struct ph_program_control *c,
                             struct load_sample *out)
{
    char line[128];
    if (load_bank_find(p->config.bank, c->sample, c->index, out))
        return true;
    if (load_bank_has(p->config.bank, c->sample)) {
        snprintf(line, sizeof line, "the sample '%.60s' can't be read", c->sample);
        nrt_program_warn(p, line);
    } else {
        warn_of_unknown(p, c->sample);
    }
    return false;
}

bool nrt_program_names_samples(const struct ph_program *program)
{
    bool found = false;
    for (uint32_t i = 0; i < program->n_defs; i++)
        for (uint32_t k = 0; k < program->defs[i].n_controls; k++)
            found |= program->defs[i].controls[k].sample != NULL;
    for (uint32_t i = 0; i < program->n_nodes; i++)
        for (uint32_t k = 0; k < program->nodes[i].n_controls; k++)
            found |= program->nodes[i].controls[k].sample != NULL;
    return found;
}
