-- Functions, templates, loops: a program's own words.
tempo: 0.5

fn voice hz bright = (saw hz + saw (hz * 1.006)) # lpf bright 1.2 * 0.12   -- called voice 220 900
@space: reverb 0.4 0.5 0.12                                       -- a template stands for its text
%roots: "<a2 f2 c3 g2>"                                           -- a pattern to be used again
~feel $ swing 0.12 $ degradeBy 0.15                                -- transforms in a row
~dirt $ distort 3 0.5 # lpf 3000                                   -- effects in a row

~pad  $ voice 220 900 + voice 277.18 1200 + voice 329.63 700
~low  $ note %roots # s "~saw" # legato 0.9 # ~dirt
~saw  $ saw # lpf 500 * 0.3
~hats $ s "hh*8" $ ~feel # gain 0.3
for i in 1..4:
  ~part[i] $ sine (110 * i) * (0.16 / i)                            -- ~part1 ... ~part4
~organ $ sum(~part[1..4]) * (sine 0.5 * 0.3 + 0.5)

out $ ~pad * 0.5 + ~low * 0.5 + ~organ * 0.5 + ~hats + (s "bd ~ bd ~, ~ cp" # gain 0.6) # @space
