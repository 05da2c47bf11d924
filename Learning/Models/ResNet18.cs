using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Models;

/// <summary>A residual network of eighteen layers and width 64.</summary>
/// <remarks>11,173,962 parameters for 3×32×32 images and 10 classes; 1,152 fewer for one channel.</remarks>
/// <param name="options">The norm.</param>
[Component("resnet18",
    Summary = "Residual network of width 64, two blocks a stage (3 channels, 10 classes: 11,173,962 parameters).",
    Source = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016 (small-image family)")]
public sealed class ResNet18(ResNetOptions options) : ResNet(64, [2, 2, 2, 2], options);
