using System.Globalization;
using System.Text;
using System.Xml;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>A mixing matrix as GraphML; the topology edge-list reads it back.</summary>
internal static class GraphMlText
{
    private const string Namespace = "http://graphml.graphdrawing.org/xmlns";

    /// <summary>
    /// The text. Nodes are n0, n1, …; what a node weighs itself is what its edges leave, and has no edge.
    /// </summary>
    /// <param name="mixing">The matrix.</param>
    public static string Of(Mixing mixing)
    {
        var nodes = mixing.Graph.Nodes;
        var weights = Enumerable.Range(0, nodes)
            .SelectMany(to => mixing.Received(to).Select(e => (From: e.Node, To: to, e.Weight)))
            .ToDictionary(e => (e.From, e.To), e => e.Weight);
        var directed = weights.Any(w => !weights.TryGetValue((w.Key.To, w.Key.From), out var back) || back != w.Value);
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text,
            new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true }))
        {
            xml.WriteStartElement("graphml", Namespace);
            Key(xml);
            xml.WriteStartElement("graph", Namespace);
            xml.WriteAttributeString("edgedefault", directed ? "directed" : "undirected");
            for (var i = 0; i < nodes; i++)
            {
                xml.WriteStartElement("node", Namespace);
                xml.WriteAttributeString("id", $"n{i}");
                xml.WriteEndElement();
            }
            foreach (var ((from, to), weight) in weights)
                if (directed || from < to) Edge(xml, from, to, weight);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return text.Append('\n').ToString();
    }

    private static void Key(XmlWriter xml)
    {
        xml.WriteStartElement("key", Namespace);
        xml.WriteAttributeString("id", "weight");
        xml.WriteAttributeString("for", "edge");
        xml.WriteAttributeString("attr.name", "weight");
        xml.WriteAttributeString("attr.type", "double");
        xml.WriteEndElement();
    }

    private static void Edge(XmlWriter xml, int from, int to, double weight)
    {
        xml.WriteStartElement("edge", Namespace);
        xml.WriteAttributeString("source", $"n{from}");
        xml.WriteAttributeString("target", $"n{to}");
        xml.WriteStartElement("data", Namespace);
        xml.WriteAttributeString("key", "weight");
        xml.WriteString(weight.ToString("R", CultureInfo.InvariantCulture));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
