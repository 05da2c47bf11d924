using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Models;

/// <summary>A residual network of ten layers and width 64.</summary>
/// <remarks>4,903,242 parameters for 3×32×32 images and 10 classes; 1,152 fewer for one channel.</remarks>
/// <param name="options">The norm.</param>
[Component("resnet10",
    Summary = "Residual network of width 64, one block a stage (3 channels, 10 classes: 4,903,242 parameters).",
    Source = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016 (small-image family)")]
public sealed class ResNet10(ResNetOptions options) : ResNet(64, [1, 1, 1, 1], options);
