" SPDX-License-Identifier: GPL-3.0-or-later
" phonon.vim - sends .ph and .tidal text to phonond; errors go to the quickfix list.
" Put it into ~/.vim/plugin/, or `source` it. Settings, with their defaults:
"   let g:phonon_send = ['phonon-send']   the program with its options, such as '--port', '57111'
"   let g:phonon_maps = 1                 in .ph and .tidal files: <C-e> sends the block under the cursor
"                                         or the selection, <LocalLeader>b the buffer,
"                                         <LocalLeader>h hushes, <LocalLeader>k panics
if exists('g:loaded_phonon') || &compatible
  finish
endif
let g:loaded_phonon = 1

let s:line = '^\(.\{-}\):\(\d\+\):\(\d\+\): \(error\|warning\|note\): \(.*\)$'

" One entry of the quickfix list. phonon-send counts characters, Vim counts bytes.
function! s:Entry(match) abort
  let [file, lnum, column] = [a:match[1], str2nr(a:match[2]), str2nr(a:match[3])]
  let text = bufexists(file) ? get(getbufline(file, lnum), 0, '') : ''
  let byte = byteidx(text, column - 1)
  return {'filename': file, 'lnum': lnum, 'col': byte < 0 ? column : byte + 1,
        \ 'type': toupper(a:match[4][0]), 'text': a:match[5]}
endfunction

" Runs phonon-send; true when what was sent is applied.
function! s:Run(arguments, input) abort
  let command = join(map(copy(get(g:, 'phonon_send', ['phonon-send'])) + a:arguments,
        \ 'shellescape(v:val)')) . ' 2>&1'
  let output = split(a:input is v:null ? system(command)
        \ : system(command, join(a:input, "\n") . "\n"), "\n")
  let applied = v:shell_error == 0
  let entries = []
  for line in output
    let match = matchlist(line, s:line)
    if !empty(match)
      call add(entries, s:Entry(match))
    endif
  endfor
  call setqflist([], ' ', {'items': entries, 'title': 'phonon-send'})
  if applied
    cclose
  elseif !empty(entries)
    let error = filter(copy(entries), 'v:val.type ==# "E"')
    copen
    wincmd p
    echohl ErrorMsg | echo get(error, 0, entries[0]).text | echohl None
    return 0
  endif
  let words = filter(copy(output), 'v:val !~# s:line && v:val !~# "^  "')
  echo get(words, -1, applied ? 'phonon: applied' : 'phonon: failed')
  return applied
endfunction

function! s:Place() abort
  return ['--name', expand('%:p') ==# '' ? 'buffer.ph' : expand('%:p')]
endfunction

" Lines first to last; they replace only what they define.
function! s:SendLines(first, last) abort
  return s:Run(['-', '--line', string(a:first)] + s:Place(), getline(a:first, a:last))
endfunction

" The lines around the cursor up to blank ones.
function! s:SendBlock() abort
  let [first, last] = [line('.'), line('.')]
  while first > 1 && getline(first - 1) =~# '\S'
    let first -= 1
  endwhile
  while last < line('$') && getline(last + 1) =~# '\S'
    let last += 1
  endwhile
  return s:SendLines(first, last)
endfunction

function! s:SendBuffer() abort
  return s:Run(['-', '--whole'] + s:Place(), getline(1, '$'))
endfunction

command! -bar PhononBuffer call s:SendBuffer()
command! -bar PhononBlock call s:SendBlock()
command! -bar -range PhononLines call s:SendLines(<line1>, <line2>)
command! -bar PhononHush call s:Run(['hush'], v:null)
command! -bar PhononPanic call s:Run(['panic'], v:null)

function! s:Map() abort
  if !get(g:, 'phonon_maps', 1)
    return
  endif
  nnoremap <buffer> <silent> <C-e> :PhononBlock<CR>
  xnoremap <buffer> <silent> <C-e> :PhononLines<CR>
  nnoremap <buffer> <silent> <LocalLeader>b :PhononBuffer<CR>
  nnoremap <buffer> <silent> <LocalLeader>h :PhononHush<CR>
  nnoremap <buffer> <silent> <LocalLeader>k :PhononPanic<CR>
endfunction

augroup phonon
  autocmd!
  autocmd BufRead,BufNewFile *.ph setfiletype phonon
  autocmd FileType phonon setlocal commentstring=--\ %s comments=:--
  autocmd BufRead,BufNewFile *.ph,*.tidal call s:Map()
augroup END
