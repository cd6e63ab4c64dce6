-- SPDX-License-Identifier: GPL-3.0-or-later
-- tests/bench/patterns.hs - TidalCycles beside phonon: `patterns` writes the module Expressions, a
-- list of patterns, and compiles both. A line "index cycles seconds" is answered by "onsets of a
-- pass, passes, CPU seconds": the cycles are queried one by one, all again until the time is used.
module Main (main) where

import Data.IORef
import Expressions (Any (..), expressions)
import Sound.Tidal.Context
import System.CPUTime (getCPUTime)
import System.IO

onsets :: Any -> Int -> Int -> Int
onsets (Any p) first n = go first 0
  where
    go c k
      | c == first + n = k
      | otherwise =
          let here = toRational c
              k' = k + length (filter eventHasOnset (queryArc p (Arc here (here + 1))))
           in k' `seq` go (c + 1) k'

-- The first cycle's number is read anew each time, so that no pass shares what another computed.
measure :: IORef Int -> Any -> Int -> Double -> IO String
measure start p n seconds = getCPUTime >>= pass (1 :: Int)
  where
    pass k begin = do
      first <- readIORef start
      count <- pure $! onsets p first n
      now <- getCPUTime
      let used = fromIntegral (now - begin) * 1e-12
      if used < seconds
        then pass (k + 1) begin
        else pure (unwords [show count, show k, show used])

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  start <- newIORef 0
  let answer line = case words line of
        [i, n, seconds] ->
          measure start (expressions !! read i) (read n) (read seconds) >>= putStrLn
        _ -> hPutStrLn stderr ("cannot read: " ++ line)
  getContents >>= mapM_ answer . lines
