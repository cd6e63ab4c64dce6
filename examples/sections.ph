-- Effect sections: (# ...) is a transform, so effects come and go with the cycles.
tempo: 0.5

~drums $ every 4 (# lpf 500 2) $ s "bd ~ bd bd, ~ sn, hh*8" # gain 0.6   -- cycles 0, 4, 8: under water
~keys  $ sometimesBy 0.4 (# delay 0.375 0.5 0.5) $ (note "a4 ~ c5 e5" # s "~tri" # ar 0.002 0.25)
~tri   $ tri * 0.25
~bass  $ whenmod 4 2 (# distort 5 0.7 # gain 0.6) $ (note "a1 a1 ~ <c2 g1>" # s "~saw" # legato 0.8)
~saw   $ saw # lpf 600 1.5 * 0.35
~pad   $ every 2 (# phaser 0.5 0.8 0.4) $ ((saw 110 + saw 165.4) # lpf 900) * 0.12
~clap  $ every 3 (# reverb 0.9 0.3 0.5) $ s "~ ~ ~ cp" # gain 0.4   -- the hall rings on behind its cycle

out $ (~drums + ~keys + ~bass + ~pad + ~clap) * 0.75
