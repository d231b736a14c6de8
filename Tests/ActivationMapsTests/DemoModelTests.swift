import Imaging
import Testing
import TestSupport

@testable import ActivationMaps

/// The bundled network looks at the animal that it is asked about.
struct DemoModelTests {
    @Test func peaksOnTheAnimalAskedFor() throws {
        let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx")
        // Boxes around the animals, as shares of width and height.
        var photos = [
            (
                Shared.repository + "/Photos/dog-and-cat.jpg",
                ["dog": (0.0...0.5, 0.0...1.0), "cat": (0.5...1.0, 0.0...1.0)]
            )
        ]
        if let both = Shared.path("photos/dog_cat_both.png", for: "a second photo of two animals") {
            photos.append((both, ["dog": (0.33...0.75, 0.05...0.65), "cat": (0.2...0.85, 0.52...1.0)]))
        }
        for (path, animals) in photos {
            let photo = try Image(contentsOf: path)
            for (animal, box) in animals {
                let map = try explainer.explain(photo, of: .labels([animal])).explained[0].maps[0].photo
                let peak = try #require(map.values.indices.max { map.values[$0] < map.values[$1] })
                let (x, y) = (
                    Double(peak % map.width) / Double(map.width), Double(peak / map.width) / Double(map.height)
                )
                #expect(box.0.contains(x) && box.1.contains(y), "\(path): the map for \(animal) peaks at \(x), \(y)")
            }
        }
    }
}
