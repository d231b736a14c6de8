/// Which of a signal's axes is what, by its place.
struct SignalAxes {
    /// nil where there is none: one signal, of one channel.
    let batch, channels: Int?
    let time: Int

    init(batch: Int?, channels: Int?, time: Int) { (self.batch, self.channels, self.time) = (batch, channels, time) }

    /// As the window along one axis takes them that first reads the input: of rank 1, or, as Keras writes it, of rank 2
    /// over a map of one row. nil where no such window reads it.
    ///
    /// - Parameters:
    ///   - dims: the input's extents; nil where open.
    ///   - text: the input, as people read it.
    /// - Throws: `.notAPhoto` where the axes cannot be told.
    init?(_ reading: InputReaders.Reading?, _ dims: [Int?], _ text: Wording) throws(NetworkError) {
        guard let reading, (2...4).contains(dims.count) else { return nil }
        switch (reading.spatialAxes, reading.axes) {
        case (1, let axes?):
            guard let time = axes[2] else { throw Self.untold(reading, text) }
            self.init(batch: axes[0], channels: axes[1], time: time)
        case (1, nil):
            // Its way cannot be followed; the weights' channels may tell.
            guard dims.count == 3, let channels = reading.channels else {
                if dims.count != 3 { return nil }
                throw Self.untold(reading, text)
            }
            switch (dims[1] == channels, dims[2] == channels) {
            case (true, false): self.init(batch: 0, channels: 1, time: 2)
            case (false, true): self.init(batch: 0, channels: 2, time: 1)
            default: throw Self.untold(reading, text)
            }
        case (2, let axes?):
            let sides = axes.suffix(2)
            guard sides.contains(nil) else { return nil }
            guard let time = sides.compactMap({ $0 }).first else { throw Self.untold(reading, text) }
            self.init(batch: axes[0], channels: axes[1], time: time)
        default: return nil
        }
        let own = [batch, channels, time].compactMap { $0 }
        guard dims.indices.allSatisfy({ own.contains($0) || dims[$0] == 1 }) else { throw Self.untold(reading, text) }
    }

    private static func untold(_ reading: InputReaders.Reading, _ text: Wording) -> NetworkError {
        .notAPhoto(
            text + ", a signal of which cannot be told which axis is its time (node '\(reading.node)' reads it)")
    }

    var channelOrder: ImageInput.Axes {
        channels.map { $0 < time ? .channelsFirst : .channelsLast } ?? .noChannels
    }

    /// Which axis of [batch, channels, 1, time] each of the input's axes is; those of one element are what is left.
    func order(rank: Int) -> [Int] {
        var left = [batch == nil ? 0 : nil, channels == nil ? 1 : nil, 2].compactMap { $0 }
        return (0..<rank).map { axis in
            switch axis {
            case batch: 0
            case channels: 1
            case time: 3
            default: left.removeFirst()
            }
        }
    }
}

extension ImageInput {
    /// How [batch, channels, 1, time] becomes the file's own input: transposed, then without some axes of one element.
    static func steps(to order: [Int]) -> (permutation: [Int], squeezed: [Int]) {
        var all = order
        // The row beside the times, so that both lie as they do in a photo.
        if !order.contains(2) { all.insert(2, at: all.firstIndex(of: 3)!) }
        if !order.contains(1) { all.insert(1, at: all.firstIndex(of: 0).map { $0 + 1 } ?? 0) }
        if !order.contains(0) { all.insert(0, at: 0) }
        return (all, all.indices.filter { !order.contains(all[$0]) })
    }
}
