extension Preprocessing {
    /// Reads a photo that the network is fed: a JPEG or PNG, or, as numpy writes it, an array of the network's channels
    /// (see `Raster`), told apart by content.
    ///
    /// - Parameters:
    ///   - shown: the channels of an array that pictures show; nil: `Raster.usualChannels`.
    ///   - bitDepth, mostPixels: see `Image`; of an array there may be three numbers for each of these pixels.
    /// - Throws: `ImageError.file` with the path and the fault.
    public func photo(
        contentsOf path: String, shown: [Int]? = nil, bitDepth: BitDepth? = nil, mostPixels: Int = Image.mostPixels
    ) throws(ImageError) -> Image {
        do throws(ImageError) {
            let isArray = NumberArray.isArray(contentsOf: path)
            let limit = isArray ? NumberArray.mostBytes(of: 3 * mostPixels) : Image.mostBytes(of: mostPixels)
            return try photo(PictureBytes(file: path, limit: limit), shown, bitDepth, mostPixels)
        } catch {
            throw .file(path: path, error)
        }
    }

    /// The same from the bytes of a file.
    public func photo(
        decoding bytes: UnsafeRawBufferPointer, shown: [Int]? = nil, bitDepth: BitDepth? = nil,
        mostPixels: Int = Image.mostPixels
    ) throws(ImageError) -> Image {
        try photo(PictureBytes(bytes), shown, bitDepth, mostPixels)
    }

    private func photo(
        _ bytes: PictureBytes, _ shown: [Int]?, _ bitDepth: BitDepth?, _ mostPixels: Int
    ) throws(ImageError) -> Image {
        guard bytes.isArray else {
            let image = try Image(bytes, bitDepth, mostPixels)
            if let fault = fault(of: image) { throw fault }
            return image
        }
        let array = try NumberArray(bytes, most: 3 * mostPixels)
        return try Image(
            showing: try Raster(array, channels: channels, isSignal: takesSignals), channels: shown)
    }

    /// Whether the network takes arrays alone, as no picture has its channels.
    public var takesArraysAlone: Bool { takesSignals || channels != 1 && channels != 3 }

    /// Why the network cannot be fed a picture; nil where it can.
    public func fault(of image: Image) -> ImageError? {
        let wanted = takesSignals ? "[\(channels), time]" : "[\(channels), height, width]"
        guard let raster = image.numbers?.raster else {
            return takesArraysAlone
                ? .array("a picture, where the network takes arrays: give an .npy file of shape \(wanted)") : nil
        }
        if takesSignals, raster.channels == channels, raster.height == 1, raster.width != width, !takesAnyLength {
            return .array(
                "a signal of \(raster.width) samples, where the network takes \(width): cut it, or fill it up; it is not "
                    + "resampled, as that would make another signal of it")
        }
        return raster.channels == channels && (raster.height == 1 || !takesSignals)
            ? nil : .array("an array of \(raster.channels) channels, where the network takes \(wanted)")
    }

    /// How a photo is fed: an array by numbers of its own.
    public func feeding(_ image: Image) -> Preprocessing {
        guard image.numbers != nil else { return self }
        var fed = self
        (fed.mean, fed.std, fed.isOfArray) = (arrayMean, arrayStd, true)
        return fed
    }

    /// The network's input, channels x height x width: (number - mean) / std.
    func tensor(from raster: Raster) -> [Float] {
        let (fit, fed) = (Fit(of: raster.width, raster.height, to: self), self)
        let part = raster.resized(
            width: fit.scaledWidth, height: fit.scaledHeight, by: interpolation, columns: fit.columns, rows: fit.rows)
        let area = width * height
        var tensor = [Float](repeating: 0, count: channels * area)
        for channel in 0..<channels {
            // A letterbox is padded with the mean.
            if part.width * part.height < area, resize != .letterbox {
                for i in channel * area..<(channel + 1) * area { tensor[i] = fed.normalised(0, channel: channel) }
            }
            for y in 0..<part.height {
                let to = (channel * height + y + fit.top) * width + fit.left
                let from = (channel * part.height + y) * part.width
                for x in 0..<part.width { tensor[to + x] = fed.normalised(part.values[from + x], channel: channel) }
            }
        }
        return tensor
    }
}
