/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/client/show.c - syntax trees as text.                                                    */
#include "tests/client/show.h"

static const char *const operators[] = {
    "+",  "-",  "*",  "/",  "~+", "~-", "~*", "~/", "|+", "|-",
    "|*", "|/", "+|", "-|", "*|", "/|", "|>", "<|",
};

static void show_items(FILE *out, const struct ast *a, const char *between)
{
    for (uint32_t i = 0; i < a->n_items; i++) {
        if (i > 0)
            fputs(between, out);
        show_ast(out, a->items[i]);
    }
}

static void show_call(FILE *out, const struct ast *a, const char *sigil)
{
    fprintf(out, "(%s%s", sigil, a->text);
    if (a->n_items > 0)
        fputc(' ', out);
    show_items(out, a, " ");
    for (uint32_t i = 0; i < a->n_keys; i++) {
        fprintf(out, " :%s ", a->keys[i].name);
        show_ast(out, a->keys[i].value);
    }
    fputc(')', out);
}

void show_ast(FILE *out, const struct ast *a)
{
    if (!a) {
        fputs("NULL", out);
        return;
    }
    switch (a->kind) {
    case AST_NUMBER:
        fprintf(out, "%g", a->number);
        return;
    case AST_STRING:
        if (a->n_items > 0)
            show_items(out, a, "~");
        else
            fprintf(out, "\"%s\"", a->text);
        return;
    case AST_NAME:
        fputs(a->text, out);
        return;
    case AST_BUS:
        fprintf(out, "~%s", a->text);
        return;
    case AST_TEMPLATE:
        fprintf(out, "@%s", a->text);
        return;
    case AST_PATTERN:
        fprintf(out, "%%%s", a->text);
        return;
    case AST_CALL:
        show_call(out, a, "");
        return;
    case AST_BUS_CALL:
        show_call(out, a, "~");
        return;
    case AST_NEG:
        fputs("(neg ", out);
        break;
    case AST_BINARY:
        fprintf(out, "(%s ", operators[a->op]);
        break;
    case AST_CHAIN:
        fputs("(# ", out);
        break;
    case AST_DOLLAR:
        fputs("($ ", out);
        break;
    case AST_SECTION:
        fputs("(section ", out);
        break;
    case AST_OPERATOR:
    case AST_OPERATOR_SECTION:
        fprintf(out, "(%s%s ", a->text, a->kind == AST_OPERATOR ? "" : a->on_left ? "<" : ">");
        break;
    case AST_COMPOSE:
        fputs("(. ", out);
        break;
    case AST_TUPLE:
        fputs("(, ", out);
        break;
    case AST_LIST:
        fputc('[', out);
        show_items(out, a, ", ");
        fputc(']', out);
        return;
    }
    show_items(out, a, " ");
    fputc(')', out);
}

static void show_ratio(FILE *out, struct ph_ratio r)
{
    if (r.den == 1)
        fprintf(out, "%lld", (long long)r.num);
    else
        fprintf(out, "%lld/%lld", (long long)r.num, (long long)r.den);
}

static void show_steps(FILE *out, const struct mini *m, const char *between)
{
    for (uint32_t i = 0; i < m->n_items; i++) {
        if (i > 0)
            fputs(between, out);
        show_mini(out, m->items[i]);
        if (m->weights && (m->weights[i].num != 1 || m->weights[i].den != 1)) {
            fputc('@', out);
            show_ratio(out, m->weights[i]);
        }
    }
}

static void show_bracket(FILE *out, const struct mini *m, const char *open, const char *between,
                         const char *close)
{
    fputs(open, out);
    show_steps(out, m, between);
    fputs(close, out);
}

void show_mini(FILE *out, const struct mini *m)
{
    if (!m) {
        fputs("NULL", out);
        return;
    }
    switch (m->kind) {
    case MINI_SILENCE:
        fputc('~', out);
        return;
    case MINI_WORD:
    case MINI_BUS:
        fputs(m->text, out);
        return;
    case MINI_NUMBER:
        show_ratio(out, m->ratio);
        return;
    case MINI_CHORD:
        fprintf(out, "%s'%s", m->text, m->quality);
        return;
    case MINI_SEQ:
        show_bracket(out, m, "[", " ", "]");
        return;
    case MINI_STACK:
        show_bracket(out, m, "(", ", ", ")");
        return;
    case MINI_CHOICE:
        show_bracket(out, m, "(", " | ", ")");
        fprintf(out, "'%u", m->seed);
        return;
    case MINI_ALTERNATE:
        show_bracket(out, m, "<", " ", ">");
        return;
    case MINI_POLYMETER:
        show_bracket(out, m, "{", ", ", "}");
        if (m->argument) {
            fputc('%', out);
            show_mini(out, m->argument);
        }
        return;
    case MINI_FAST:
    case MINI_SLOW:
        show_mini(out, m->items[0]);
        fputc(m->kind == MINI_FAST ? '*' : '/', out);
        show_mini(out, m->argument);
        return;
    case MINI_DEGRADE:
        show_mini(out, m->items[0]);
        fprintf(out, "?%g'%u", m->number, m->seed);
        return;
    case MINI_EUCLID:
        fputs("(E ", out);
        show_mini(out, m->items[0]);
        fputc(' ', out);
        show_mini(out, m->argument);
        fputc(' ', out);
        show_mini(out, m->argument2);
        if (m->argument3) {
            fputc(' ', out);
            show_mini(out, m->argument3);
        }
        fputc(')', out);
        return;
    case MINI_RANGE:
        show_mini(out, m->items[0]);
        fputs("..", out);
        show_mini(out, m->items[1]);
        return;
    }
}
