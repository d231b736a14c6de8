/// A completion for zsh, to be found as `_gradcam` in a folder of `fpath`.
enum ZshCompletion {
    static var text: String {
        """
        #compdef gradcam
        # Completion of gradcam for zsh; written by gradcam --generate complete-zsh.

        _gradcam_models() {
            local -a models
            models=(${(f)"$(_call_program models $words[1] --list-models 2>/dev/null | \(CompletionFiles.models))"})
            _alternative 'models:model:compadd -a models' 'files:file:_files -g "*.onnx(-.)"'
        }

        _gradcam_layers() {
            local -a model layers
            local place
            for ((place = 2; place < CURRENT; place++)); do
                case $words[place] in
                    (--model=*|-m=*) model=(--model ${words[place]#*=}) ;;
                    (--model|-m) model=(--model $words[place+1]) ;;
                esac
            done
            layers=(${(f)"$(_call_program layers $words[1] --list-layers $model 2>/dev/null | \\
                \(CompletionFiles.layers))"})
            _sequence compadd -a layers
        }

        _gradcam_input() {
            compset -P '*=' && _files
        }

        _arguments \\
        \(Flag.all.flatMap(specifications).map { "    \($0) \\" }.joined(separator: "\n"))
            '*:photo:\(action(.photo))'
        """
    }

    /// As `_arguments` takes them, of the short name and the long one.
    private static func specifications(_ flag: Flag) -> [String] {
        let others = flag.names.count > 1 ? "(" + flag.names.joined(separator: " ") + ")" : ""
        let help = flag.summary.escaped("[]\\:")
        return flag.names.map { name in
            guard let placeholder = flag.placeholder else { return (others + name + "[\(help)]").inSingleQuotes }
            let message = placeholder.escaped("\\:")
            if case .optionalWord = flag.form {
                return "\(name)=-[\(help)]::\(message):\(action(flag.form))".inSingleQuotes
            }
            let sign = name.hasPrefix("--") ? "=" : ""
            return "*\(name)\(sign)[\(help)]:\(message):\(action(flag.form))".inSingleQuotes
        }
    }

    private static func action(_ form: Flag.Form) -> String {
        switch form {
        case .free: " "
        case .word(let words), .optionalWord(let words): "(" + words.joined(separator: " ") + ")"
        case .words(let words): "_sequence compadd - " + words.joined(separator: " ")
        case .file([]): "_files"
        case .file(let endings): "_files -g \"*.(#i)(\(endings.joined(separator: "|")))(-.)\""
        case .folder: "_files -/"
        case .photo: action(.file(CompletionFiles.photos))
        case .model: "_gradcam_models"
        case .layers: "_gradcam_layers"
        case .input: "_gradcam_input"
        }
    }
}

extension Flag {
    /// The help without defaults and asides.
    var summary: String {
        let ends = [" (default", "; see ", "; may be"].compactMap { help.firstRange(of: $0)?.lowerBound }
        return String(help[..<(ends.min() ?? help.endIndex)])
    }
}

extension String {
    /// With a backslash before each of these characters.
    func escaped(_ characters: String) -> String {
        reduce(into: "") { text, character in
            if characters.contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
