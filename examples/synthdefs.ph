-- Synthdefs: instruments with names of their own, used as words beside samples.
tempo: 0.55

synthdef tom   sine (line 160 80) * 0.6
synthdef zap   square (xline 1800 80 0.12) * 0.15
synthdef brass ((saw 220 + saw 221.5) # lpf (line 400 2200) 1.3 * 0.2)
synthdef hit   (noise # bpf 1800 2 * 0.5)

~toms  $ s "tom ~ tom*2 tom" # note "0 0 5 -3" # ar 0.001 0.3 # pan "-0.4 0 0.4 0"
~zaps  $ s "~ ~ zap ~" $ every 2 (ply 2) # ar 0.001 0.12
~brass $ s "brass(3,8)" # note "<a3'min a3'min f3'maj g3'maj>" # legato 0.7
~beat  $ s "bd hit bd [hit bd]" # ar 0.001 0.15 # gain 0.6

out $ (~toms + ~zaps + ~brass + ~beat) * 0.75 # reverb 0.3 0.5 0.1
