/// What the program writes of its flags for other programs: `--generate`.
enum Generated: String, Sendable, CaseIterable {
    case manual = "man"
    case bash = "complete-bash", zsh = "complete-zsh", fish = "complete-fish"

    /// Without the last line feed.
    var text: String {
        switch self {
        case .manual: ManualPage.text
        case .bash: BashCompletion.text
        case .zsh: ZshCompletion.text
        case .fish: FishCompletion.text
        }
    }
}
