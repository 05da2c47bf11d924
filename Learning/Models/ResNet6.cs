using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Models;

/// <summary>The small network that the original calls resnet6: ten layers of width 16.</summary>
/// <remarks>
/// The original asks for [1, 1, 1, 0] blocks, but its stages build at least one, so that "resnet6" has four stages
/// and ten layers. The name and the network are kept so that weights can be exchanged: 308,826 parameters for 3×32×32
/// images and 10 classes, 288 fewer for one channel.
/// </remarks>
/// <param name="options">The norm.</param>
[Component("resnet6", Summary = "Residual network of width 16, one block a stage (3 channels, 10 classes: "
    + "308,826 parameters); ten layers in spite of its name.",
    Source = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016 (small-image family)")]
public sealed class ResNet6(ResNetOptions options) : ResNet(16, [1, 1, 1, 1], options);
