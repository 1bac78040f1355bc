//! The little linear algebra that the fit needs. Every sum has a fixed order.

/// Lower triangle L of a positive definite matrix A = L L', row by row.
#[derive(Debug, Clone)]
pub(super) struct Triangle {
    size: usize,
    rows: Vec<f64>,
}

impl Triangle {
    /// Decomposes `matrix` (size x size, row by row; only its lower half is read). What
    /// rounding makes negative on the diagonal becomes tiny instead.
    pub fn of(mut matrix: Vec<f64>, size: usize) -> Self {
        for i in 0..size {
            for j in 0..=i {
                let known = dot(&matrix[i * size..][..j], &matrix[j * size..][..j]);
                let rest = matrix[i * size + j] - known;
                matrix[i * size + j] =
                    if i == j { libm::sqrt(rest.max(1e-12)) } else { rest / matrix[j * size + j] };
            }
        }
        Self { size, rows: matrix }
    }

    fn row(&self, at: usize) -> &[f64] {
        &self.rows[at * self.size..][..=at]
    }

    /// Solves L x = b in place.
    pub fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Solves L' x = b in place.
    pub fn backward(&self, b: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = self.row(i);
            b[i] /= row[i];
            let solved = b[i];
            for (left, factor) in b[..i].iter_mut().zip(row) {
                *left -= factor * solved;
            }
        }
    }

    /// Logarithm of the determinant of A.
    pub fn log_det(&self) -> f64 {
        (0..self.size).map(|i| 2.0 * libm::log(self.row(i)[i])).sum()
    }
}

/// Sum of products.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        // A = [[4, 2], [2, 3]], A x = [2, 5] has x = [-0.5, 2].
        let lower = Triangle::of(vec![4.0, 0.0, 2.0, 3.0], 2);
        let mut x = [2.0, 5.0];
        lower.forward(&mut x);
        lower.backward(&mut x);
        assert!((x[0] + 0.5).abs() < 1e-12 && (x[1] - 2.0).abs() < 1e-12, "{x:?}");
        assert!((lower.log_det() - libm::log(8.0)).abs() < 1e-12);
    }
}
