-- Polymeter: { } lets parts of different length walk through each other at one speed.
tempo: 0.6

~drums $ s "{bd ~ rim bd ~ ~ rim}%8"                   -- seven steps, eight to the cycle: it drifts
~hats  $ s "{hh hh oh, shaker*2 ~ shaker ~ ~}%8" # gain 0.25   -- three against five
~snare $ s "~ sn" # gain 0.6                           -- something to hold on to
~seq   $ note ("{c3 eb3 g3 bb3 c4}%8" + "<0 0 5 3>") # s "~tine" # ar 0.002 0.3 # pan (sine 0.2 * 0.6)
~tine  $ fm 261.6256 784.8768 1 * 0.25
~bass  $ note "{c2 ~ c2 ~ ~ eb2}%4" # s "~low" # legato 0.7
~low   $ saw # lpf 500 1.5 * 0.4

out $ (~drums + ~hats + ~snare + (~seq # delay 0.3 0.3 0.25) + ~bass) * 0.75
