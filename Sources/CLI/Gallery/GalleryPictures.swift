import ActivationMaps
import Imaging

/// The pictures that the page has of one photo, small: the photo, every map in grey (the page colours it and lays it
/// over the photo), guided backpropagation, and both combined.
struct GalleryPictures {
    /// Of so many pixels along the longer side.
    struct Size: Sendable {
        let photo, map: Int

        /// By how many photos there will be; nil: many.
        init(photos count: Int?) {
            (photo, map) = count.map { $0 <= 200 } ?? false ? (512, 224) : (240, 112)
        }
    }

    private static let quality = 78

    /// Of the photo that was explained, of a signal as it is drawn.
    let width, height: Int
    /// What boxes are counted in: the photo's pixels; of a signal its samples, and 1.
    private let sides: (width: Int, height: Int)
    private let photo: [UInt8]
    /// One a method, of every target.
    private let maps: [[[UInt8]]]
    /// One a target, and one a target and method; empty where guided backpropagation was not asked for.
    private let guided: [[UInt8]], combined: [[[UInt8]]]
    /// One a target and method, of a photo whose maps are not known: as it was written. Empty where there is no file.
    private let overlays: [[[UInt8]]]

    /// - Parameter outputs: `gb` and `cam_gb` are shown where they are written.
    init(_ image: Image, _ explanation: Explanation, _ size: Size, _ arguments: Arguments) throws(ImageError) {
        // Of a signal a column has the strongest number already.
        let side = image.isSignal ? 1 : 3
        sides = (image.width, image.height)
        let image = image.drawn
        (width, height) = (image.width, image.height)
        let small = Self.fitted(width, height, into: size.photo, enlarges: false)
        photo = try image.resized(width: small.width, height: small.height, by: .bicubic).jpeg(quality: Self.quality)
        let grid = Self.fitted(width, height, into: size.map, enlarges: true)
        var maps: [[[UInt8]]] = [], guided: [[UInt8]] = [], combined: [[[UInt8]]] = []
        let place = explanation.placement.scaled(width: small.width, height: small.height)
        // Drawings of signals have a size of their own.
        func fitting(_ rows: ImageRows) -> ImageRows {
            rows.width <= small.width
                ? rows : rows.image.resized(width: small.width, height: small.height, by: .bicubic).rows
        }
        let writesBoth = arguments.outputs.contains(.cam_gb)
        for explained in explanation.explained {
            var own: [[UInt8]] = [], products: [[UInt8]] = []
            for map in explained.maps {
                let rows = map.photoRows(width: side * grid.width, height: side * grid.height)
                let plane = (arguments.isSigned ? rows.centred : rows).reduced(by: side)
                own.append(try plane.grey.jpeg(quality: 85))
                if writesBoth, let gradient = explained.guided {
                    products.append(try fitting(gradient.picture(place, weightedBy: map)).jpeg(quality: Self.quality))
                }
            }
            maps.append(own)
            if let gradient = explained.guided {
                guided.append(try fitting(gradient.picture(place)).jpeg(quality: Self.quality))
                if writesBoth { combined.append(products) }
            }
        }
        (self.maps, self.guided, self.combined, overlays) = (maps, guided, combined, [])
    }

    /// Of a photo that an earlier run explained: copies of what it wrote.
    ///
    /// - Parameter report: the photo's.
    init(
        kept report: PythonLiteral, of photo: Photo, _ image: Image, _ size: Size, _ methods: [String],
        _ names: FileNames
    ) throws(ImageError) {
        sides = (image.width, image.height)
        let image = image.drawn
        (width, height, maps) = (image.width, image.height, [])
        let small = Self.fitted(width, height, into: size.photo, enlarges: false)
        func copy(_ image: Image) throws(ImageError) -> [UInt8] {
            try image.resized(width: small.width, height: small.height, by: .bicubic).jpeg(quality: Self.quality)
        }
        self.photo = try copy(image)
        let keys = (report["targets"]?.list ?? []).enumerated().map { number, target in
            target["class"]?.integer.map(String.init) ?? "target\(number + 1)"
        }
        func copies(_ kind: FileNames.Kind) throws(ImageError) -> [[[UInt8]]] {
            var copies: [[[UInt8]]] = []
            for key in keys {
                var own: [[UInt8]] = []
                for method in methods {
                    let path = names.path(of: kind, photo: photo, method: method, category: key)
                    own.append(
                        try (try? Image(contentsOf: path)).map { image throws(ImageError) in try copy(image) } ?? [])
                }
                copies.append(own)
            }
            return copies
        }
        overlays = try copies(.cam)
        guided = try copies(.gb).map { $0.first ?? [] }
        combined = try copies(.cam_gb)
    }

    /// A photo's sides where the longer one is `side`.
    private static func fitted(
        _ width: Int, _ height: Int, into side: Int, enlarges: Bool
    ) -> (width: Int, height: Int) {
        let scale = Double(side) / Double(max(width, height)), factor = enlarges ? scale : min(scale, 1)
        return (max(Int((Double(width) * factor).rounded()), 1), max(Int((Double(height) * factor).rounded()), 1))
    }

    /// `w`, `h`: the photo's size; `sides`: what boxes are counted in; the rest are JPEGs in Base64.
    var json: JSON {
        func text(_ bytes: [UInt8]) -> JSON { .string(Base64.text(bytes)) }
        return .object([
            ("w", .integer(width)), ("h", .integer(height)),
            ("sides", .array([.integer(sides.width), .integer(sides.height)])), ("photo", text(photo)),
            ("maps", .array(maps.map { .array($0.map(text)) })), ("guided", .array(guided.map(text))),
            ("combined", .array(combined.map { .array($0.map(text)) })),
            ("overlays", .array(overlays.map { .array($0.map(text)) })),
        ])
    }
}
