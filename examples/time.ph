-- Time: transforms take a pattern and give another; $ applies them, the nearest to the pattern first.
tempo: 0.5

~kick $ s "bd ~ bd bd"
~rev  $ every 2 rev $ s "rim ~ rim rim ~ cb ~ ~" # gain 0.5       -- backwards in every other cycle
~iter $ iter 4 $ note "c4 eb4 g4 bb4" # s "~tone" # ar 0.005 0.25   -- begins one step later in each cycle
~roll $ every' 4 3 (linger 0.25) $ s "[~ sn] ~ ~ sn" # gain 0.4   -- in cycle 3 the first quarter, again and again
~zoom $ s "hh*4 oh hh*2 ~" $ zoom 0 0.75 $ fast 2 # gain 0.25     -- the first three quarters, stretched
~slow $ slow 2 $ note "c2 ~ eb2 c2 ~ g1 bb1 ~" # s "~low" # legato 0.9   -- over two cycles
~tone $ tri * 0.2
~low  $ saw # lpf 600 1.3 * 0.35

out $ (~kick + ~rev + ~iter + ~roll + ~zoom + ~slow) * 0.9
