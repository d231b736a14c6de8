/// A completion for bash 3.2 and later, with or without the package bash-completion.
enum BashCompletion {
    static var text: String {
        """
        # Completion of gradcam for bash; written by gradcam --generate complete-bash.

        # Words that begin as the current one.
        _gradcam_words() {
            local word
            for word in $1; do
                [[ $word == "$cur"* ]] && COMPREPLY+=("$lead$word")
            done
        }

        # Several words between commas: what follows the last comma, of those that were not given before.
        _gradcam_list() {
            local word given='' part=$cur
            if [[ $cur == *,* ]]; then
                given=${cur%,*}, part=${cur##*,}
            fi
            for word in $1; do
                [[ $word == "$part"* && ",$given" != *",$word,"* ]] && COMPREPLY+=("$lead$given$word")
            done
            compopt -o nospace 2>/dev/null
        }

        _gradcam_folders() {
            local path
            compopt -o filenames 2>/dev/null
            while IFS= read -r path; do
                COMPREPLY+=("$lead$path")
            done < <(compgen -d -- "$cur")
        }

        # Folders, and files whose names end as this regular expression.
        _gradcam_files() {
            local path fold
            fold=$(shopt -p nocasematch)
            shopt -s nocasematch
            _gradcam_folders
            while IFS= read -r path; do
                [[ ! -d $path && $path =~ $1$ ]] && COMPREPLY+=("$lead$path")
            done < <(compgen -f -- "$cur")
            $fold
        }

        # What follows --model or -m, as the shell will give it.
        _gradcam_model() {
            local place model=''
            for ((place = 1; place < COMP_CWORD; place++)); do
                case ${COMP_WORDS[place]} in
                    --model=* | -m=*) model=${COMP_WORDS[place]#*=} ;;
                    --model | -m)
                        [[ ${COMP_WORDS[place + 1]} == = ]] && ((place++))
                        model=${COMP_WORDS[place + 1]} ;;
                esac
            done
            [[ $model == '~/'* ]] && model=$HOME${model#'~'}
            model=${model#[\\"\\']} model=${model%[\\"\\']}
            echo "${model//\\\\/}"
        }

        _gradcam() {
            local program=$1 cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} flag='' lead='' joined='' place
            COMPREPLY=()
            for ((place = 1; place < COMP_CWORD; place++)); do
                if [[ ${COMP_WORDS[place]} == -- ]]; then
                    _gradcam_files '\(pattern(CompletionFiles.photos))'
                    return
                fi
            done
            if [[ $cur == = ]]; then
                flag=$before cur='' joined=yes
            elif [[ $before == = ]]; then
                flag=${COMP_WORDS[COMP_CWORD - 2]} joined=yes
            elif [[ $cur == -*=* ]]; then
                flag=${cur%%=*} lead=$flag= cur=${cur#*=} joined=yes
            elif [[ $before == -* ]]; then
                flag=$before
            fi
            case $flag in
        \(Flag.all.compactMap(branch).joined(separator: "\n"))
            esac
            if [[ $cur == -* ]]; then
                _gradcam_words '\(Flag.all.flatMap(\.names).joined(separator: " "))'
            else
                _gradcam_files '\(pattern(CompletionFiles.photos))'
            fi
        }

        complete -o bashdefault -o default -F _gradcam gradcam
        """
    }

    /// What is offered after a flag; nil of a switch, after which anything may stand.
    private static func branch(_ flag: Flag) -> String? {
        guard flag.placeholder != nil else { return nil }
        func words(_ words: [String]) -> String { "'" + words.joined(separator: " ") + "'" }
        let offer =
            switch flag.form {
            case .free: "compopt +o default +o bashdefault 2>/dev/null"
            case .word(let list), .optionalWord(let list): "_gradcam_words " + words(list)
            case .words(let list): "_gradcam_list " + words(list)
            case .file(let endings): "_gradcam_files '\(pattern(endings))'"
            case .photo: "_gradcam_files '\(pattern(CompletionFiles.photos))'"
            case .folder: "_gradcam_folders"
            case .model:
                "_gradcam_words \"$(\"$program\" --list-models 2>/dev/null | \(CompletionFiles.models))\"; "
                    + "_gradcam_files '\(pattern(["onnx"]))'"
            case .layers:
                "place=$(_gradcam_model); _gradcam_list \"$(\"$program\" --list-layers ${place:+--model \"$place\"} "
                    + "2>/dev/null | \(CompletionFiles.layers))\""
            case .input: "compopt -o default 2>/dev/null"
            }
        let ending: String = if case .optionalWord = flag.form { "; [[ $joined ]] && return" } else { "; return" }
        return "        \(flag.names.joined(separator: " | "))) \(offer)\(ending) ;;"
    }

    private static func pattern(_ endings: [String]) -> String {
        endings.isEmpty ? "" : "[.](" + endings.joined(separator: "|") + ")"
    }
}

/// What completions of every shell know of files, and how they find names in what the program prints.
enum CompletionFiles {
    static let photos = ["jpg", "jpeg", "jpe", "jfif", "png", "npy", "tar"]
    /// Names of `--list-models`, one a line.
    static let models = "sed -n 's/^[* ] \\([^ ]*\\)  .*/\\1/p'"
    /// Names of `--list-layers`: of lines of the table but for its head.
    static let layers = "sed -n -e '/  C x [HT]/d' -e 's/^[* ]  \\([^ ]\\{1,\\}\\)  .*/\\1/p'"
}
