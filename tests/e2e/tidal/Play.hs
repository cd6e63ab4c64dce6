-- SPDX-License-Identifier: GPL-3.0-or-later
-- A session as TidalCycles' users have it, played by TidalCycles itself (libghc-tidal-dev 1.7).
--
--   Play PORT BUS_PORT SECONDS MODE     where events go, where control buses are set; MODE: set or sparse
--
-- Prints what it does, with the time of the day, and "end" when the last event has been sent.
{-# LANGUAGE OverloadedStrings #-}
module Main (main) where

import Control.Concurrent (threadDelay)
import Sound.Tidal.Context
import System.Environment (getArgs)
import System.IO (BufferMode (..), hSetBuffering, stdout)

rest :: Double -> IO ()
rest seconds = threadDelay (round (seconds * 1000000))

-- | One kick a beat and nothing else: its onsets can be counted in the sound.
sparse :: Stream -> Double -> IO ()
sparse tidal seconds = do
  streamOnce tidal (cps 1)
  streamReplace tidal 1 (s "bd*2" # n 0 # legato 0.2)
  rest seconds

-- | Twelve patterns with what an evening brings; each step is a tenth of the time.
set :: Stream -> Double -> IO ()
set tidal seconds = mapM_ (\step -> step >> rest (seconds / 10))
  [ do streamOnce tidal (cps 0.5625)
       d 1 $ s "bd*4" # shape 0.3
       d 2 $ every 3 (rev) $ s "~ cp ~ cp" # room 0.3 # size 0.6
       d 3 $ s "hh*8?" # gain "1 0.7 0.9 0.6" # pan sine
       d 4 $ striate 16 $ s "bd sn:2 bd*2 hh" # cutoff (range 300 6000 saw) # resonance 0.2
  , do d 5 $ chop 32 $ s "cp*2 sn*4" # crush 5 # coarse 3
       d 6 $ n ("0 .. 7") # s "sn" # speed "1 -1.5 2 0.5" # legato 0.5
       d 7 $ s "hh*16" # cutoffbus 1 (segment 8 $ range 400 8000 sine) # panbus 2 (segment 16 $ slow 2 saw)
  , do streamOnce tidal (s "cp*3" # speed 2 # orbit 3)
       streamOnce tidal (cps 0.8)
       d 8 $ stut 4 0.4 0.125 $ s "bd(3,8)" # delay 0.4 # delaytime 0.125 # delayfeedback 0.5
       d 9 $ jux (hurry 2) $ s "sn*2 [cp bd]" # vowel "a e i o"
  , do d 10 $ s "bd*2" # accelerate "0.5 -0.5" # cut "1 -1"
       d 11 $ striateBy 32 (1/16) $ s "sn cp" # hcutoff 400 # djf 0.7 # tremolorate 8 # tremolodepth 0.5
       d 12 $ loopAt 2 $ chop 16 $ s "bd sn cp hh" # nudge "[0 0.01]*8"
  , streamHush tidal
  , do streamOnce tidal (cps 1.2)
       streamResetCycles tidal
       d 1 $ striate 64 $ s "bd sn cp hh" # squiz 2 # orbit 2
       d 2 $ s "superpwm*4" # note "0 4 7 12" # attack 0.01 # release 0.1
       d 3 $ s "[bd,sn,cp,hh]*16" # n irand' # bandf 900 # bandq 3
  , do streamMute tidal 1
       streamSolo tidal 3
       streamOnce tidal (s "sn:1" # lock 1 # delay 0.5)
  , do streamUnmute tidal 1
       streamUnsolo tidal 3
       transition tidal True (xfadeIn 2) 3 $ s "cp*16" # leslie 0.5 # lrate 4
       streamAll tidal (# phaserrate 3)
  , do streamOnce tidal (cps 0.4)
       d 4 $ off 0.125 (# speed 2) $ s "[bd sn, cp*3]" # octave 4
       d 5 $ degradeBy 0.3 $ chop 64 $ s "hh*8 bd*8"
  , streamHush tidal
  ]
  where
    d :: Int -> ControlPattern -> IO ()
    d i = streamReplace tidal (fromIntegral i) . (|< orbit (pure (i - 1)))
    irand' = fmap Note (segment 16 (fmap fromIntegral (irand 8 :: Pattern Int)))

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  [port, busPort, seconds, mode] <- getArgs
  let target = superdirtTarget { oPort = read port, oBusPort = Just (read busPort) }
      config = defaultConfig { cVerbose = False, cCtrlListen = True, cCtrlPort = read port + 2,
                               cTempoPort = read port + 3, cTempoClientPort = 0 }
  tidal <- startStream config [(target, [superdirtShape])]
  rest 1
  if mode == "sparse" then sparse tidal (read seconds) else set tidal (read seconds)
  streamHush tidal
  rest 1
  putStrLn "end"
