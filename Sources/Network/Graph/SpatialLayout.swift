/// Where in a value's axes the photo's rows and columns lie. All other axes are channels.
struct SpatialLayout: Sendable, Equatable {
    enum Place: Sendable, Equatable {
        case grid(row: Int, column: Int)
        /// Rows and columns in one axis, row by row, from element `first` on; what stands before and behind (class and
        /// register tokens) is no place on the photo.
        case tokens(axis: Int, first: Int)
    }

    var place: Place
    var height, width: Int

    /// [1, channels, height, width]; nil for a shape that is not of this kind.
    static func channelsFirst(_ shape: Shape) -> SpatialLayout? {
        guard shape.rank == 4, shape[0] == 1 else { return nil }
        return SpatialLayout(place: .grid(row: 2, column: 3), height: shape[2], width: shape[3])
    }

    var axes: [Int] {
        switch place {
        case .grid(let row, let column): [row, column]
        case .tokens(let axis, _): [axis]
        }
    }

    /// The tokens that are places on the photo; nil for a grid.
    var tokens: Range<Int>? {
        if case .tokens(_, let first) = place { first..<first + height * width } else { nil }
    }

    /// The axis of the channels in a value that is a map over the photo: one image's [1, C, H, W] or [1, H, W, C], or
    /// its tokens with the
    /// batch wherever it stands, [1, T, C], [1, C, T], [T, 1, C], or without it, [T, C]; nil for every other value.
    func channelAxis(in shape: Shape) -> Int? {
        let rest = shape.dims.indices.filter { !axes.contains($0) }
        if tokens == nil { return shape.rank == 4 && shape[0] == 1 && rest.count == 2 && rest[0] == 0 ? rest[1] : nil }
        guard (1...2).contains(rest.count), let channels = rest.last(where: { shape[$0] > 1 }) ?? rest.last else {
            return nil
        }
        return rest.allSatisfy { $0 == channels || shape[$0] == 1 } ? channels : nil
    }

    /// The same axes, `offset` places further on.
    func shifted(_ offset: Int) -> SpatialLayout {
        with { $0 + offset }
    }

    /// After a transposition: output axis i is operand axis permutation[i].
    func permuted(_ permutation: [Int]) -> SpatialLayout? {
        guard axes.allSatisfy(permutation.contains) else { return nil }
        return with { permutation.firstIndex(of: $0)! }
    }

    private func with(_ move: (Int) -> Int) -> SpatialLayout {
        var form = self
        switch place {
        case .grid(let row, let column): form.place = .grid(row: move(row), column: move(column))
        case .tokens(let axis, let first): form.place = .tokens(axis: move(axis), first: first)
        }
        return form
    }

    /// Whether a value of this shape can have this form.
    func fits(_ shape: Shape) -> Bool {
        guard axes.allSatisfy(shape.dims.indices.contains) else { return false }
        return switch place {
        case .grid(let row, let column): shape[row] == height && shape[column] == width
        case .tokens(let axis, let first): first >= 0 && shape[axis] >= first + height * width
        }
    }

    /// After the same numbers were given another shape: rows and columns may be merged into tokens or taken apart
    /// again, and
    /// rows (columns) may be split into fewer rows and something else (space to depth). nil where they are mixed with
    /// other axes.
    func reshaped(from old: Shape, to new: Shape) -> SpatialLayout? {
        func before(_ axis: Int, _ shape: Shape) -> Int { shape.dims[..<axis].reduce(1, *) }
        /// The axis of the new shape that begins where an old one begins.
        func axis(_ oldAxis: Int, extents: (Int) -> Bool) -> Int? {
            new.dims.indices.first { before($0, new) == before(oldAxis, old) && extents(new[$0]) }
        }
        switch place {
        case .tokens(let token, let first):
            if let axis = axis(token, extents: { $0 == old[token] }) {
                return SpatialLayout(place: .tokens(axis: axis, first: first), height: height, width: width)
            }
            if first == 0, old[token] == height * width, let row = axis(token, extents: { $0 == height }),
                row + 1 < new.rank, new[row + 1] == width
            {
                return SpatialLayout(place: .grid(row: row, column: row + 1), height: height, width: width)
            }
            return nil
        case .grid(let row, let column):
            if column == row + 1, let token = axis(row, extents: { $0 == height * width && height * width > 1 }) {
                return SpatialLayout(place: .tokens(axis: token, first: 0), height: height, width: width)
            }
            func part(_ oldAxis: Int, _ extent: Int) -> Int? {
                axis(oldAxis) { $0 == extent } ?? axis(oldAxis) { $0 > 1 && extent % $0 == 0 }
            }
            guard let newRow = part(row, height), let newColumn = part(column, width), newRow != newColumn else {
                return nil
            }
            for (axis, extent) in [(newRow, height), (newColumn, width)] where new[axis] != extent {
                guard axis + 1 < new.rank, new[axis] * new[axis + 1] == extent else { return nil }
            }
            return SpatialLayout(
                place: .grid(row: newRow, column: newColumn), height: new[newRow], width: new[newColumn])
        }
    }
}
