/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client/query_svg.c - a roll as an SVG file, to be read on light and on dark ground.            */
#include <math.h>
#include <string.h>

#include "client/query_roll.h"

/* Pixels. */
enum {
    LANE = 20, BAR = 16, CURVE = 48, RULER = 24, MARGIN = 8, CHARACTER = 7, /* 12 px monospace */
    LABEL_CHARACTERS_MAX = 32, CYCLE_LEAST = 240, CYCLE_MOST = 960, STEP_LEAST = 12
};

struct svg {
    const struct roll *roll;
    FILE *to;
    double left, cycle; /* where cycle 0 of the roll is, and how wide one is */
    uint32_t height;
    uint32_t tops[ROLL_ROWS_MAX + ROLL_CURVES_MAX];
};

static const char style_text[] =
    "<style>\n"
    "svg { color-scheme: light dark; }\n"
    "text { font: 12px monospace; fill: #333; }\n"
    ".ground { fill: #fff; }\n"
    ".cycle { stroke: #888; }\n"
    ".beat { stroke: #ddd; }\n"
    ".curve { fill: none; stroke: #16869c; stroke-width: 1.5; }\n"
    ".bar text { fill: #111; }\n"
    ".late { opacity: 0.5; }\n"
    ".c0 { fill: #7fc97f; } .c1 { fill: #76c5d6; } .c2 { fill: #f0c75e; }\n"
    ".c3 { fill: #d19be0; } .c4 { fill: #b8bfc9; } .c5 { fill: #f29083; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #ccc; }\n"
    ".ground { fill: #181a1f; }\n"
    ".cycle { stroke: #777; }\n"
    ".beat { stroke: #333840; }\n"
    "}\n"
    "</style>\n";

/** At most `most` characters of UTF-8 text, escaped for XML. */
static void put_text(const char *text, uint32_t most, FILE *to)
{
    while (*text && most-- > 0) {
        const char *const begin = text;
        const uint32_t code = roll_next_character(&text);
        if (code == '&')
            fputs("&amp;", to);
        else if (code == '<')
            fputs("&lt;", to);
        else if (code == '>')
            fputs("&gt;", to);
        else if (code == '"')
            fputs("&quot;", to);
        else if (code < 0x80)
            fputc((int)code, to);
        else
            fwrite(begin, 1, (size_t)(text - begin), to);
    }
}

/* ---- layout ---------------------------------------------------------------------------------- */

static uint32_t label_characters(const struct roll *roll)
{
    uint32_t widest = 3;

    for (uint32_t i = 0; i < roll->n_rows; i++) {
        const uint32_t n = roll_count_characters(roll->rows[i].label);
        widest = n > widest ? n : widest;
    }
    if (roll->n_curves > 0 && widest < 8)
        widest = 8;
    return widest < LABEL_CHARACTERS_MAX ? widest : LABEL_CHARACTERS_MAX;
}

static void lay_out(struct svg *s)
{
    const struct roll *const roll = s->roll;
    const uint32_t wanted = (roll->n_steps ? roll->n_steps : CYCLE_MOST) * STEP_LEAST;

    s->left = MARGIN * 2 + label_characters(roll) * CHARACTER;
    s->cycle = wanted < CYCLE_LEAST ? CYCLE_LEAST : wanted > CYCLE_MOST ? CYCLE_MOST : wanted;
    s->height = RULER;
    for (uint32_t i = 0; i < roll->n_rows; i++) {
        s->tops[i] = s->height;
        s->height += roll->rows[i].n_lanes * LANE;
    }
    for (uint32_t i = 0; i < roll->n_curves; i++) {
        s->tops[roll->n_rows + i] = s->height + MARGIN / 2;
        s->height += CURVE + MARGIN;
    }
}

static double x_of(const struct svg *s, double time)
{
    return s->left + time * s->cycle;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_grid(const struct svg *s)
{
    enum { BEATS = 4 };

    for (uint32_t i = 0; i <= s->roll->n_cycles * BEATS; i++) {
        const double x = x_of(s, (double)i / BEATS);
        fprintf(s->to, "<line class=\"%s\" x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%u\"/>\n",
                i % BEATS ? "beat" : "cycle", x, RULER - 4, x, s->height);
        if (i % BEATS == 0)
            fprintf(s->to, "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%ld</text>\n", x,
                    RULER - 8, s->roll->first_cycle + (long)(i / BEATS));
    }
}

static void put_row_label(const struct svg *s, const char *label, double y)
{
    fprintf(s->to, "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"end\">", s->left - MARGIN, y);
    put_text(label, LABEL_CHARACTERS_MAX, s->to);
    fputs("</text>\n", s->to);
}

static void put_event(const struct svg *s, const struct roll_event *e)
{
    enum { COLOURS = 6 };
    const double x = x_of(s, fmax(e->begin, 0));
    const double width = fmax(1, x_of(s, fmin(e->end, s->roll->n_cycles)) - x - 1);
    const uint32_t top = s->tops[e->row] + e->lane * LANE + (LANE - BAR) / 2;

    fprintf(s->to, "<g class=\"bar%s\"><title>", e->has_onset ? "" : " late");
    put_text(e->exact, UINT32_MAX, s->to);
    fprintf(s->to,
            "</title><rect class=\"c%u\" x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\" "
            "rx=\"2\"/>",
            e->row % COLOURS, x, top, width, BAR);
    if (width >= CHARACTER + 4) {
        fprintf(s->to, "<text x=\"%.2f\" y=\"%u\">", x + 3, top + BAR - 4);
        put_text(e->label, (uint32_t)((width - 4) / CHARACTER), s->to);
        fputs("</text>", s->to);
    }
    fputs("</g>\n", s->to);
}

static void put_curve(const struct svg *s, uint32_t k)
{
    const struct roll_curve *const curve = &s->roll->curves[k];
    const uint32_t top = s->tops[s->roll->n_rows + k];
    const double span = curve->high - curve->low;
    char label[24];

    fputs("<polyline class=\"curve\" points=\"", s->to);
    for (uint32_t i = 0; i < s->roll->n_cycles * ROLL_SAMPLES; i++) {
        if (isnan(curve->values[i]))
            continue;
        const double share = span > 0 ? (curve->values[i] - curve->low) / span : 0;
        fprintf(s->to, "%.2f,%.2f ", x_of(s, (i + 0.5) / ROLL_SAMPLES),
                top + CURVE * (1 - share));
    }
    fputs("\"/>\n", s->to);
    snprintf(label, sizeof label, "%.3g", curve->high);
    put_row_label(s, label, top + 10);
    snprintf(label, sizeof label, "%.3g", curve->low);
    put_row_label(s, label, top + CURVE);
}

void roll_write_svg(const struct roll *roll, FILE *to)
{
    struct svg s = { .roll = roll, .to = to };

    lay_out(&s);
    const double width = x_of(&s, roll->n_cycles) + 2 * MARGIN;
    const uint32_t height = s.height + MARGIN;
    fprintf(to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.2f %u\" width=\"%.2f\" "
            "height=\"%u\">\n%s<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n",
            width, height, width, height, style_text);
    put_grid(&s);
    for (uint32_t i = 0; i < roll->n_rows; i++)
        put_row_label(&s, roll->rows[i].label, s.tops[i] + LANE - 6);
    for (uint32_t i = 0; i < roll->n_events; i++)
        put_event(&s, &roll->events[i]);
    for (uint32_t i = 0; i < roll->n_curves; i++)
        put_curve(&s, i);
    if (roll->n_hidden > 0)
        fprintf(to, "<!-- %u more events of other values -->\n", roll->n_hidden);
    fputs("</svg>\n", to);
}
