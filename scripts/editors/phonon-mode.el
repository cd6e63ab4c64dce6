;;; phonon-mode.el --- Send .ph text to phonond  -*- lexical-binding: t; -*-
;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Commentary:
;; Put the folder of this file on `load-path' and (require 'phonon-mode).
;;   C-c C-c  send the block under point, or the region: it replaces only what it defines
;;   C-c C-b  send the buffer: it replaces the program
;;   C-c C-q  hush, C-c C-k panic
;; Errors stand in the buffer *phonon*; M-g n goes from one to the next.
;; In TidalCycles files: (add-hook 'tidal-mode-hook #'phonon-minor-mode), or M-x phonon-minor-mode.

;;; Code:

(require 'compile)

(defgroup phonon nil "Live coding with phonon." :group 'languages)

(defcustom phonon-send-command '("phonon-send")
  "Program that sends, with its options, such as \"--port\" \"57111\"."
  :type '(repeat string))

(defconst phonon-error-regexp
  "^\\([^:\n][^\n]*?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(note\\)\\): "
  "A message of phonon-send: file, line, column, what it is.")

(define-compilation-mode phonon-output-mode "phonon"
  "What phonon-send says."
  (setq-local compilation-error-regexp-alist (list (list phonon-error-regexp 1 2 3 '(4 . 5))))
  (setq-local compilation-error-screen-columns nil)
  (setq-local compilation-first-column 1))

(defun phonon--run (input &rest arguments)
  "Run phonon-send with ARGUMENTS and INPUT, a string or nil.
Return non-nil when it was applied."
  (let* ((directory default-directory)
         (command (append phonon-send-command arguments))
         (output (get-buffer-create "*phonon*"))
         (status
          (with-temp-buffer
            (when input (insert input))
            (let ((coding-system-for-write 'utf-8) (coding-system-for-read 'utf-8))
              (prog1 (apply #'call-process-region (point-min) (point-max) (car command) t t nil
                            (cdr command))
                (let ((text (buffer-string)))
                  (with-current-buffer output
                    (let ((inhibit-read-only t))
                      (erase-buffer)
                      (insert text)
                      (setq default-directory directory)
                      (phonon-output-mode)
                      (compilation--ensure-parse (point-max))))))))))
    (setq next-error-last-buffer output)
    (if (eq status 0)
        (message "phonon: %s" (with-current-buffer output
                                (goto-char (point-min))
                                (if (re-search-forward "^cycle .*" nil t) (match-string 0) "done")))
      (display-buffer output)
      (message "phonon: not applied"))
    (eq status 0)))

(defun phonon--name ()
  "The file that messages shall name."
  (or (buffer-file-name) (buffer-name)))

(defun phonon-send-region (begin end)
  "Send the lines from BEGIN to END; they replace only what they define."
  (interactive "r")
  (let ((begin (save-excursion (goto-char begin) (line-beginning-position)))
        (end (save-excursion (goto-char end)
                             (if (and (bolp) (> end begin)) end (line-end-position)))))
    (phonon--run (concat (buffer-substring-no-properties begin end) "\n")
                 "-" "--line" (number-to-string (line-number-at-pos begin t))
                 "--name" (phonon--name))))

(defun phonon-send-block ()
  "Send the region if there is one, else the lines around point up to blank ones."
  (interactive)
  (if (use-region-p)
      (phonon-send-region (region-beginning) (region-end))
    (let ((begin (save-excursion (end-of-line)
                                 (if (re-search-backward "^[ \t]*$" nil t)
                                     (progn (forward-line 1) (point)) (point-min))))
          (end (save-excursion (beginning-of-line)
                               (if (re-search-forward "^[ \t]*$" nil t)
                                   (line-beginning-position) (point-max)))))
      (if (< begin end) (phonon-send-region begin end) (user-error "No block here")))))

(defun phonon-send-buffer ()
  "Send the buffer; it replaces the program."
  (interactive)
  (phonon--run (save-restriction (widen) (buffer-substring-no-properties (point-min) (point-max)))
               "-" "--whole" "--name" (phonon--name)))

(defun phonon-hush ()
  "Fade every output to silence."
  (interactive)
  (phonon--run nil "hush"))

(defun phonon-panic ()
  "End every voice and effect."
  (interactive)
  (phonon--run nil "panic"))

(defvar phonon-minor-mode-map
  (let ((map (make-sparse-keymap)))
    (define-key map (kbd "C-c C-c") #'phonon-send-block)
    (define-key map (kbd "C-c C-b") #'phonon-send-buffer)
    (define-key map (kbd "C-c C-q") #'phonon-hush)
    (define-key map (kbd "C-c C-k") #'phonon-panic)
    map)
  "Keys that send.")

;;;###autoload
(define-minor-mode phonon-minor-mode
  "Keys that send text to phonond."
  :lighter " phonon" :keymap phonon-minor-mode-map)

;;;###autoload
(define-derived-mode phonon-mode prog-mode "ph"
  "Text of the .ph language."
  (setq-local comment-start "-- ")
  (setq-local comment-start-skip "--+[ \t]*")
  (modify-syntax-entry ?\" "\"" phonon-mode-syntax-table)
  (modify-syntax-entry ?- ". 12" phonon-mode-syntax-table)
  (modify-syntax-entry ?\n ">" phonon-mode-syntax-table)
  (phonon-minor-mode 1))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.ph\\'" . phonon-mode))

(provide 'phonon-mode)
;;; phonon-mode.el ends here
