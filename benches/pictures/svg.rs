//! A screen as SVG. Every run of letters says where it begins and how long it is, so that columns stand under each other
//! whatever font shows them, wide letters and emoji too.

use std::fmt::Write;

use super::looks::{Look, indexed, rgb};

/// Size of a letter, and width and height of a cell, in the picture's units.
const LETTER: f64 = 14.0;
const WIDTH: f64 = 8.43;
const HEIGHT: f64 = 16.0;

/// Room around the screen.
const MARGIN: f64 = 8.0;

/// How a letter is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Style {
    ink: u32,
    paper: u32,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

/// Letters of one style that stand together.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    style: Style,
}

/// What the screen shows.
pub fn picture(screen: &vt100::Screen, look: Look) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let (wide, high) = (f64::from(columns) * WIDTH + 2.0 * MARGIN, f64::from(rows) * HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.1} {high:.1}\" width=\"{wide:.0}\" height=\"{high:.0}\" \
         font-family=\"DejaVu Sans Mono,Menlo,Consolas,monospace\" font-size=\"{LETTER}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        colour(look.ground().1)
    );
    for row in 0..rows {
        draw_row(&mut svg, screen, look, row, columns);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_row(svg: &mut String, screen: &vt100::Screen, look: Look, row: u16, columns: u16) {
    let top = MARGIN + f64::from(row) * HEIGHT;
    for (column, length, paper) in papers(screen, look, row, columns) {
        let (x, width) = (at(column), f64::from(length) * WIDTH);
        let fill = colour(paper);
        line(
            svg,
            &format!("<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{fill}\"/>"),
        );
    }
    let runs = runs(screen, look, row, columns);
    if runs.is_empty() {
        return;
    }
    let _infallible = write!(svg, "<text xml:space=\"preserve\" y=\"{}\">", top + 12.0);
    for run in &runs {
        let long = f64::from(run.columns) * WIDTH;
        let _infallible = write!(
            svg,
            "<tspan x=\"{:.1}\" textLength=\"{long:.1}\" fill=\"{}\"{}>{}</tspan>",
            at(run.column),
            colour(run.style.ink),
            marks(run.style),
            escaped(&run.text)
        );
    }
    line(svg, "</text>");
}

/// Stretches whose background is not the screen's.
fn papers(screen: &vt100::Screen, look: Look, row: u16, columns: u16) -> Vec<(u16, u16, u32)> {
    let mut papers: Vec<(u16, u16, u32)> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        let paper = style(cell, look).paper;
        match papers.last_mut() {
            Some((from, length, same)) if *same == paper && *from + *length == column => *length += 1,
            _ => papers.push((column, 1, paper)),
        }
    }
    papers.retain(|(_, _, paper)| *paper != look.ground().1);
    papers
}

/// Letters of one style; a blank next to a blank, and a wide letter, end a run.
fn runs(screen: &vt100::Screen, look: Look, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
        let (style, text) = (style(cell, look), cell.contents());
        let text = if text.is_empty() { " " } else { text };
        if text == " " && (!open || runs.last().is_some_and(|run| run.text.ends_with(' '))) && !style.underline {
            open = false;
            continue;
        }
        match runs.last_mut().filter(|run| open && run.style == style && !cell.is_wide()) {
            Some(run) => {
                run.text.push_str(text);
                run.columns += 1;
            }
            None => {
                let columns = 1 + u16::from(cell.is_wide());
                runs.push(Run { column, columns, text: text.to_owned(), style });
            }
        }
        open = !cell.is_wide();
    }
    for run in &mut runs {
        while !run.style.underline && run.text.ends_with(' ') && run.text.len() > 1 {
            run.text.pop();
            run.columns -= 1;
        }
    }
    runs.retain(|run| run.style.underline || run.text != " ");
    runs
}

fn style(cell: &vt100::Cell, look: Look) -> Style {
    let (ink, paper) = look.ground();
    let pair = (resolve(cell.fgcolor(), ink), resolve(cell.bgcolor(), paper));
    let (ink, paper) = if cell.inverse() { (pair.1, pair.0) } else { pair };
    Style { ink, paper, bold: cell.bold(), dim: cell.dim(), italic: cell.italic(), underline: cell.underline() }
}

fn resolve(colour: vt100::Color, default: u32) -> u32 {
    match colour {
        vt100::Color::Default => default,
        vt100::Color::Idx(number) => indexed(number),
        vt100::Color::Rgb(red, green, blue) => rgb(red, green, blue),
    }
}

fn marks(style: Style) -> String {
    let marks = [
        (style.bold, " font-weight=\"bold\""),
        (style.dim, " opacity=\".6\""),
        (style.italic, " font-style=\"italic\""),
        (style.underline, " text-decoration=\"underline\""),
    ];
    marks.into_iter().filter(|(has, _)| *has).map(|(_, mark)| mark).collect()
}

fn at(column: u16) -> f64 {
    MARGIN + f64::from(column) * WIDTH
}

fn colour(number: u32) -> String {
    format!("#{number:06x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn line(svg: &mut String, text: &str) {
    svg.push_str(text);
    svg.push('\n');
}
