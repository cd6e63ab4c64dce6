-- Feedback: a bus may hear itself, or two each other, one frame later. tanh and clip keep it in hand.
tempo: 0.5

~loop  $ (~hit + ~loop # delay 0.25 0 1 # lpf 1200 0.7) * 0.7            -- an echo made by hand, duller each time
~hit   $ s "rim ~ ~ cb" # gain 0.3
~a     $ sine (~b * 80 + 110) * 0.25                              -- two oscillators bend each other's pitch
~b     $ sine (~a * 400 + 82.41)
~room  $ (~clap + ~room # delay 0.031 0 1 # hpf 400) * 0.6 # clip 1         -- a short, hollow room
~clap  $ s "~ cp" # gain 0.3
~beat  $ s "bd*4, hh*8" # gain "0.6 0.3"

out $ ~hit + ~loop + ~a * (adsr 0.5 0.5 0.6 0.5) + ~room + ~beat
