-- Modulation: effects whose delay, phase or level swings.
tempo: 0.45

~pad    $ note "<e3'min9 c3'maj9>" # s "~saw" # adsr 0.4 0.2 0.8 0.6 # gain 0.5
~saw    $ saw # lpf 1100 * 0.35
~chorus $ ~pad # chorus 2 0.4 0.5 0.5                             -- voices, rate, depth, mix
~strum  $ note "[e4 b4 g4 d5]*2" # s "~saw" # ar 0.002 0.3 # phaser 0.3 0.8 0.5
~jet    $ noise # flanger 0.8 0.15 0.7 * 0.03                      -- depth, rate, feedback
~bass   $ note "e2 ~ e2 [~ g2]" # s "~saw" # legato 0.8 # tremolo 6 0.5
~lead   $ square "<329.6 392>" # lpf 1500 # vibrato 5.5 0.4 * 0.07   -- semitones
~ring   $ s "~ cb ~ [cb:1 cb]" # gain 0.3 # ring 700               -- times a sine: clangs
~beat   $ s "bd*2, ~ sn" # gain 0.5

out $ ~chorus + ~strum * 0.5 + ~jet + ~bass + ~lead + ~ring + ~beat
