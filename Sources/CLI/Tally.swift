/// How many photos came to what.
struct Tally: Equatable {
    var done = 0, planned = 0, skipped = 0, failed = 0
    /// Whether a tar could not be read to its end.
    var isCutOff = false
    /// How many there are in all; nil where that is not known.
    let total: Int?

    init(of total: Int?) { self.total = total }

    var all: Int { done + planned + skipped + failed }
    var left: Int? { total.map { $0 - all } }
}

extension PhotoStream.Item {
    var path: String {
        switch self {
        case .photo(let photo): photo.path
        case .failure(let failure): failure.path
        }
    }
}
