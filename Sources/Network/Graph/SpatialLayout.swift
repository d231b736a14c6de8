/// Where in a value's axes the photo's rows and columns lie. All other axes are channels.
struct SpatialLayout: Sendable, Equatable {
    enum Place: Sendable, Equatable {
        case grid(row: Int, column: Int)
        /// Rows and columns in one axis, row by row, from element `first` on; what stands before and after (class and
        /// register tokens) is no place on the photo.
        case tokens(axis: Int, first: Int)
        /// A signal's times in one axis.
        case line(axis: Int)
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
        case .tokens(let axis, _), .line(let axis): [axis]
        }
    }

    /// The tokens that are places on the photo; nil for a grid or a line.
    var tokens: Range<Int>? {
        if case .tokens(_, let first) = place { first..<first + height * width } else { nil }
    }

    /// The axis of the channels in a value that is a map over the photo: one image's [1, C, H, W] or [1, H, W, C], or
    /// its tokens with the batch wherever it stands, [1, T, C], [1, C, T], [T, 1, C], or without it, [T, C]; nil for
    /// every other value.
    func channelAxis(in shape: Shape) -> Int? {
        let rest = shape.dims.indices.filter { !axes.contains($0) }
        if case .grid = place {
            return shape.rank == 4 && shape[0] == 1 && rest.count == 2 && rest[0] == 0 ? rest[1] : nil
        }
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
        case .line(let axis): form.place = .line(axis: move(axis))
        }
        return form
    }

    /// Whether a value of this shape can have this form.
    func fits(_ shape: Shape) -> Bool {
        guard axes.allSatisfy(shape.dims.indices.contains) else { return false }
        return switch place {
        case .grid(let row, let column): shape[row] == height && shape[column] == width
        case .tokens(let axis, let first): first >= 0 && shape[axis] >= first + height * width
        case .line(let axis): shape[axis] == width
        }
    }
}

// MARK: Reshapes

extension SpatialLayout {
    /// After the same numbers were given another shape: rows and columns may be merged into tokens or taken apart
    /// again, and rows (columns) may be split into fewer rows and something else (space to depth). nil where they are
    /// mixed with other axes.
    func reshaped(from old: Shape, to new: Shape) -> SpatialLayout? {
        let change = Reshape(old: old, new: new)
        switch place {
        case .tokens(let token, let first):
            return tokens(at: token, first, after: change) ?? takenApart(token, first, change)
        case .grid(let row, let column): return merged(row, column, change) ?? split(row, column, change)
        case .line(let axis): return change.line(axis, width)
        }
    }

    /// The same of a signal, whose maps have one row: after it lies in a line it is no tokens, which are of one size.
    func reshapedSignal(from old: Shape, to new: Shape) -> SpatialLayout? {
        guard case .grid(_, let column) = place else { return reshaped(from: old, to: new) }
        return Reshape(old: old, new: new).line(column, width)
    }

    private struct Reshape {
        let old, new: Shape

        /// The new axis that begins where an old one begins, if its extent is as wanted.
        func axis(_ oldAxis: Int, extents: (Int) -> Bool) -> Int? {
            let before = old.dims[..<oldAxis].reduce(1, *)
            return new.dims.indices.first { new.dims[..<$0].reduce(1, *) == before && extents(new[$0]) }
        }

        /// The new axis that holds all of an old one of this extent, or its greater steps.
        func part(_ oldAxis: Int, _ extent: Int) -> Int? {
            axis(oldAxis) { $0 == extent } ?? axis(oldAxis) { $0 > 1 && extent % $0 == 0 }
        }

        /// A signal's times: where they stand beside an axis of one element in a tensor of rank 4, that is the row.
        func line(_ oldAxis: Int, _ extent: Int) -> SpatialLayout? {
            guard extent > 1, let axis = part(oldAxis, extent), holds(axis, extent) else { return nil }
            let row = new.rank == 4 ? [axis - 1, axis + 1].first { 1...3 ~= $0 && new[$0] == 1 } : nil
            return SpatialLayout(
                place: row.map { .grid(row: $0, column: axis) } ?? .line(axis: axis), height: 1, width: new[axis])
        }

        /// Whether a new axis holds all of this extent, or with the next one what it was split into.
        func holds(_ axis: Int, _ extent: Int) -> Bool {
            new[axis] == extent || (axis + 1 < new.rank && new[axis] * new[axis + 1] == extent)
        }
    }

    private func tokens(at token: Int, _ first: Int, after change: Reshape) -> SpatialLayout? {
        change.axis(token) { $0 == change.old[token] }.map {
            SpatialLayout(place: .tokens(axis: $0, first: first), height: height, width: width)
        }
    }

    /// Tokens that become rows and columns.
    private func takenApart(_ token: Int, _ first: Int, _ change: Reshape) -> SpatialLayout? {
        guard first == 0, change.old[token] == height * width, let row = change.axis(token, extents: { $0 == height }),
            row + 1 < change.new.rank, change.new[row + 1] == width
        else { return nil }
        return SpatialLayout(place: .grid(row: row, column: row + 1), height: height, width: width)
    }

    /// Rows and columns that become tokens.
    private func merged(_ row: Int, _ column: Int, _ change: Reshape) -> SpatialLayout? {
        guard column == row + 1, height * width > 1, let token = change.axis(row, extents: { $0 == height * width })
        else { return nil }
        return SpatialLayout(place: .tokens(axis: token, first: 0), height: height, width: width)
    }

    /// Rows and columns that stay, or become fewer of each and something else.
    private func split(_ row: Int, _ column: Int, _ change: Reshape) -> SpatialLayout? {
        guard let newRow = change.part(row, height), let newColumn = change.part(column, width), newRow != newColumn,
            change.holds(newRow, height), change.holds(newColumn, width)
        else { return nil }
        return SpatialLayout(
            place: .grid(row: newRow, column: newColumn), height: change.new[newRow], width: change.new[newColumn])
    }
}
