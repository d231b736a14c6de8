import COpenBLAS
import Imaging
import Network
import TestSupport
import Testing

@testable import ActivationMaps

/// A process that uses OpenBLAS besides: its number of threads is its own.
struct HostOpenBLASTests {
    @Test func theNumberOfThreadsStaysTheHosts() async {
        // In a process of its own, for other tests compute at the same time.
        await #expect(processExitsWith: .success) {
            openblas_set_num_threads(3)
            OpenBLAS.onOneThread {
                #expect(openblas_get_num_threads() == 1)
                OpenBLAS.onOneThread { #expect(openblas_get_num_threads() == 1) }
                #expect(openblas_get_num_threads() == 1)
            }
            #expect(openblas_get_num_threads() == 3)

            let explainer = try Explainer(contentsOf: Shared.repository + "/Models/catdog.onnx", threads: 2)
            #expect(openblas_get_num_threads() == 3)
            let photo = Image(width: 50, height: 40, pixels: (0..<6000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            let copy = explainer.copy(threads: 1)
            nonisolated(unsafe) let explainers = [explainer, copy]
            await withTaskGroup { group in
                for index in explainers.indices {
                    group.addTask {
                        var request = Explainer.Request()
                        request.eigenSmooth = index == 0
                        #expect(throws: Never.self) { try explainers[index].explain(photo, request) }
                    }
                }
            }
            #expect(openblas_get_num_threads() == 3)

            openblas_set_num_threads(2)
            _ = try explainer.explain(photo, Explainer.Request())
            #expect(openblas_get_num_threads() == 2)
        }
    }
}
