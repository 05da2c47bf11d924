using System.Globalization;
using System.Text;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Reads comma-separated text of small whole numbers whose size is known beforehand.</summary>
/// <param name="file">The text.</param>
/// <param name="rows">Number of lines.</param>
/// <param name="columns">Number of cells a line.</param>
/// <param name="maximum">Largest value of a column.</param>
internal sealed class ByteTable(DataFile file, int rows, int columns, Func<int, int> maximum)
{
    // Three figures and a comma a cell, CR and LF a line: more is never inflated.
    private readonly byte[] _text = new byte[rows * (columns * 4 + 1)];
    private int _length;
    private int _position;

    /// <summary>The cells, line after line.</summary>
    public byte[][] Read()
    {
        _length = file.Read(_text);
        file.ReadEnd();
        var table = new byte[rows][];
        for (var row = 0; row < rows; row++) table[row] = ReadRow(row);
        if (_position < _length) throw file.Invalid(_position, $"the end of the file after {rows} lines", "more text");
        return table;
    }

    private byte[] ReadRow(int row)
    {
        var cells = new byte[columns];
        for (var column = 0; column < columns; column++)
        {
            cells[column] = ReadCell(row, column);
            if (column < columns - 1) Skip(",", row, column);
        }
        if (_position < _length && _text[_position] == '\r') _position++;
        // The last line may lack its line feed.
        if (row < rows - 1 || _position < _length) Skip("\n", row, columns - 1);
        return cells;
    }

    private byte ReadCell(int row, int column)
    {
        var start = _position;
        while (_position < _length && _position < start + 3 && char.IsAsciiDigit((char)_text[_position])) _position++;
        var cell = _text.AsSpan(start, _position - start);
        if (byte.TryParse(cell, CultureInfo.InvariantCulture, out var value) && value <= maximum(column)) return value;
        var expected = $"a number from 0 to {maximum(column)} in line {row + 1}, column {column + 1}";
        throw file.Invalid(start, expected, cell.IsEmpty ? Here() : Encoding.ASCII.GetString(cell));
    }

    private void Skip(string separator, int row, int column)
    {
        if (_position < _length && _text[_position] == separator[0])
        {
            _position++;
            return;
        }
        var name = separator == "," ? "a comma" : "the end of the line";
        throw file.Invalid(_position, $"{name} after line {row + 1}, column {column + 1}", Here());
    }

    private string Here() => _position == _length ? "the end of the file" : $"byte 0x{_text[_position]:X2}";
}
