/// A completion for fish.
enum FishCompletion {
    static var text: String {
        """
        # Completion of gradcam for fish; written by gradcam --generate complete-fish.

        # Several words between commas: those that were not given before.
        function __gradcam_list
            set -l token (string replace -r '^--?[a-z-]+=' '' -- (commandline -ct))
            set -l given (string match -r '^.*,' -- $token)
            for word in $argv
                if not contains -- $word (string split , -- "$given")
                    echo "$given$word"
                end
            end
        end

        # Folders, and files of these endings.
        function __gradcam_files
            set -l token (string replace -r '^--?[a-z-]+=' '' -- (commandline -ct))
            __fish_complete_path $token | string match -r -i "^.*(?:/|[.](?:$argv[1]))(?:\\t.*)?\\$"
        end

        function __gradcam_models
            set -l program (commandline -opc)[1]
            $program --list-models 2>/dev/null | \(CompletionFiles.models)
            __gradcam_files onnx
        end

        function __gradcam_layers
            set -l words (commandline -opc)
            set -l model
            for place in (seq 2 (count $words))
                switch $words[$place]
                    case '--model=*' '-m=*'
                        set model --model (string replace -r '^[^=]*=' '' -- $words[$place])
                    case --model -m
                        set model --model $words[(math $place + 1)]
                end
            end
            set model (string replace -r '^~/' "$HOME/" -- $model)
            __gradcam_list ($words[1] --list-layers $model 2>/dev/null | \(CompletionFiles.layers))
        end

        complete -c gradcam -x -a '\(files(CompletionFiles.photos))'
        \(Flag.all.map(command).joined(separator: "\n"))
        """
    }

    private static func command(_ flag: Flag) -> String {
        let names = flag.names.map { name in
            name.hasPrefix("--") ? "-l \(name.dropFirst(2))" : "-s \(name.dropFirst(1))"
        }
        return "complete -c gradcam \(names.joined(separator: " "))\(argument(flag)) -d \(quoted(flag.summary))"
    }

    /// What follows a flag, and whether files may.
    private static func argument(_ flag: Flag) -> String {
        guard flag.placeholder != nil else { return "" }
        return switch flag.form {
        case .free: " -x"
        case .word(let words): " -x -a " + quoted(words.joined(separator: " "))
        case .optionalWord(let words): " -f -a " + quoted(words.joined(separator: " "))
        case .words(let words): " -x -a " + quoted("(__gradcam_list \(words.joined(separator: " ")))")
        case .file([]), .input: " -r -F"
        case .file(let endings): " -x -a '\(files(endings))'"
        case .photo: " -x -a '\(files(CompletionFiles.photos))'"
        case .folder: " -x -a '(__fish_complete_directories)'"
        case .model: " -x -a '(__gradcam_models)'"
        case .layers: " -x -a '(__gradcam_layers)'"
        }
    }

    private static func files(_ endings: [String]) -> String {
        "(__gradcam_files \"\(endings.joined(separator: "|"))\")"
    }

    private static func quoted(_ text: String) -> String { "'" + text.escaped("\\'") + "'" }
}
