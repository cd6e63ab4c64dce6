-- The patch that started it all: a kick and a chord of saws, each of its notes echoed eight times and
-- mirrored to the other ear. 192 voices a cycle, a second of release each.
cps: 0.5

~kick $ s "808bd(3,8)"
~chord $ jux rev $ stut 8 0.05 0.8 $ note "<c3'min7 c4'min7>(3,8,1)" # s "~voice" # release 1
~voice $ saw # lpf 200
out $ ~kick + ~chord * 0.3
