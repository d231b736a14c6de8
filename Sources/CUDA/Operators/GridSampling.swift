import CCUDA
import Network

extension GridSample: CUDAOperator {
    var gradientReads: GradientReads { .operands }

    private var area: Int { outputShapes[0][2] * outputShapes[0][3] }

    private func form(_ pass: Pass) throws(NetworkError) -> grid_form {
        let mode =
            switch mode {
            case .nearest: grid_nearest
            case .linear: grid_linear
            case .cubic: grid_cubic
            }
        let padding =
            switch padding {
            case .zeros: grid_zeros
            case .border: grid_border
            case .reflection: grid_reflection
            }
        return grid_form(
            maps: Int64(maps), channels: Int64(channels), height: Int64(height), width: Int64(width), area: Int64(area),
            mode: Int32(mode.rawValue), padding: Int32(padding.rawValue), aligns_corners: alignsCorners ? 1 : 0,
            x_stride: Int64(try pass.operand(0).stride), grid_stride: Int64(try pass.operand(1).stride))
    }

    func forward(_ pass: Pass) throws(NetworkError) {
        try pass.stream.launch(
            grid_forward(
                count: Int64(pass.images * outputShapes[0].count), form: try form(pass), x: try pass.operand(0).address,
                grid: try pass.operand(1).address, y: pass.y))
    }

    func gradient(_ pass: GradientPass) throws(NetworkError) {
        let form = try form(pass.pass), grid = try pass.pass.operand(1).address
        if let t = pass.dOperands[0] {
            try pass.stream.launch(
                grid_map_gradient(
                    count: Int64(pass.images * maps * channels), form: form, grid: grid, d: pass.d, t: t))
        }
        if let t = pass.dOperands[1] {
            try pass.stream.launch(
                grid_place_gradient(
                    count: Int64(pass.images * maps * area), form: form, x: try pass.pass.operand(0).address,
                    grid: grid, d: pass.d, t: t))
        }
    }
}
